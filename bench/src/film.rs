//! Films for the benchmarks: synthesised by ffmpeg once, then kept. Every frame has a burnt-in number,
//! over fresh noise or over its group's own piece of a sheet of noise, so no two groups of pictures are
//! equal.

use std::path::{Path, PathBuf};
use std::process::Command;

use media::Result;

use crate::measure::{failed, run};

/// One rung of a synthesised ladder.
pub struct Rung {
    pub width: u32,
    pub height: u32,
    /// Kilobits a second.
    pub kbps: u32,
}

pub struct Film<'a> {
    pub name: &'a str,
    pub seconds: u32,
    pub rungs: &'a [Rung],
    /// The encoder's preset; `ultrafast` where only bytes matter.
    pub preset: &'a str,
    pub noise: Noise,
    pub sound: bool,
}

/// What the burnt-in numbers stand on.
#[derive(Clone, Copy, PartialEq)]
pub enum Noise {
    /// New in every frame, at the rungs' full rates.
    EachFrame,
    /// New in every group, so that hours of film can be made within one; the rungs' rates are peaks.
    EachGroup,
}

pub const RATE: u32 = 24;

/// The files of the film, highest rung first, then its sound when it has one.
pub fn files(work: &Path, film: &Film) -> Result<Vec<PathBuf>> {
    let folder = work.join("films").join(format!("{}-{}s", film.name, film.seconds));
    let mut names: Vec<PathBuf> =
        film.rungs.iter().map(|r| folder.join(format!("{}p.mp4", r.height))).collect();
    if film.sound {
        names.push(folder.join("sound.mp4"));
    }
    let done = folder.join("done");
    if !done.exists() {
        eprintln!(
            "making {} ({} s, {} rungs); kept for later runs",
            film.name,
            film.seconds,
            film.rungs.len()
        );
        std::fs::create_dir_all(&folder).map_err(failed("making the film's folder"))?;
        run(&mut encode(film, &names))?;
        std::fs::write(&done, b"").map_err(failed("marking the film as made"))?;
    }
    Ok(names)
}

/// One ffmpeg that draws the picture once, at the highest rung, and encodes every rung from it.
fn encode(film: &Film, names: &[PathBuf]) -> Command {
    let mut graph = format!(
        "{},drawbox=x=mod(t*97\\,iw-200):y=mod(t*61\\,ih-200):w=200:h=200:c=orange:t=fill,\
         drawtext=text=%{{n}}:fontsize=h/6:fontcolor=white:borderw=4:x=(w-text_w)/2:y=(h-text_h)/2,format=yuv420p,split={}",
        ground(film),
        film.rungs.len()
    );
    (0..film.rungs.len()).for_each(|n| graph += &format!("[s{n}]"));
    for (n, rung) in film.rungs.iter().enumerate() {
        graph += &format!(";[s{n}]scale={}:{}:flags=fast_bilinear[v{n}]", rung.width, rung.height);
    }
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y", "-filter_complex", &graph]);
    for (n, rung) in film.rungs.iter().enumerate() {
        let rate = format!("{}k", rung.kbps);
        command.args([
            "-map",
            &format!("[v{n}]"),
            "-c:v",
            "libx264",
            "-preset",
            film.preset,
            "-profile:v",
            "high",
        ]);
        match film.noise {
            Noise::EachFrame => command.args(["-b:v", &rate]),
            Noise::EachGroup => command.args(["-crf", "27"]),
        };
        command.args([
            "-maxrate",
            &rate,
            "-bufsize",
            &rate,
            "-bf",
            "3",
            "-g",
            "48",
            "-keyint_min",
            "48",
            "-sc_threshold",
            "0",
        ]);
        command.args([
            "-x264-params",
            "stitchable=1:open-gop=0:nal-hrd=none",
            "-video_track_timescale",
            "24000",
        ]);
        command.arg(&names[n]);
    }
    if film.sound {
        let tone = format!("sine=frequency=220:beep_factor=4:sample_rate=48000:duration={}", film.seconds);
        command
            .args(["-f", "lavfi", "-i", &tone, "-map", "0:a", "-c:a", "aac", "-ac", "2", "-b:a", "128k"])
            .arg(&names[film.rungs.len()]);
    }
    command
}

/// Frames in a group of pictures.
const GROUP: u32 = 48;
/// The steps, in pixels, by which the piece of the sheet moves from group to group, and how far.
const STEP: u32 = 8;
const SPARE: (u32, u32) = (640, 360);

/// The filters that draw what the numbers stand on. A piece of the sheet returns after 3,600 groups, two
/// hours; numbers do not.
fn ground(film: &Film) -> String {
    let Rung { width, height, .. } = film.rungs[0];
    let seconds = film.seconds;
    match film.noise {
        Noise::EachFrame => {
            format!("color=c=gray:s={width}x{height}:r={RATE}:d={seconds},noise=alls=24:allf=t+u")
        }
        Noise::EachGroup => format!(
            "color=c=gray:s={}x{}:r={RATE}:d=0.04,noise=alls=20:allf=u,gblur=sigma=0.7,format=yuv420p,\
             loop=loop=-1:size=1,setpts=N/{RATE}/TB,trim=duration={seconds},\
             crop={width}:{height}:mod(floor(n/{GROUP})*{STEP}\\,{}):mod(floor(n/{})*{STEP}\\,{})",
            width + SPARE.0,
            height + SPARE.1,
            SPARE.0,
            GROUP * SPARE.0 / STEP,
            SPARE.1
        ),
    }
}
