use std::path::{Path, PathBuf};

use composition::{Area, Veil, VeilKind};
use workshop::patch::{INSIDE, Made, OUTSIDE, Wish};

use super::patch::{FOREIGN, PHIM, check, make};
use crate::stage::{Held, ffmpeg, first_track, mp4, sandbox};

/// A film in which a line of text wanders to the right and down, by two pixels and by one a frame.
struct Told {
    folder: tempfile::TempDir,
    film: Held,
    size: (u32, u32),
}

const WORDS: [&str; 3] = ["SECRET", "DASHED", "LINE"];

impl Told {
    fn new(size: (u32, u32), rate: &str, encoder: &[&str]) -> Told {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mp4");
        // The text is a twelfth of the picture high and moves as far as the picture is wide.
        let source = format!(
            "testsrc2=s=1280x720:r={rate}:d=6,noise=alls=6:allf=t,drawtext=text='{}':fontsize=56:fontcolor=white:\
             box=1:boxcolor=black:boxborderw=8:x=40+3*n:y=300+n,scale={}:{},format=yuv420p",
            WORDS.join(" "),
            size.0,
            size.1
        );
        let mut args = vec!["-f", "lavfi", "-i", &source];
        args.extend(encoder);
        args.push(path.to_str().unwrap());
        ffmpeg(&args);
        let film = first_track(&sandbox(), &path);
        Told { folder, film, size }
    }

    /// The text's box in a frame, in thousandths; 1280 by 720 pixels are the whole. It touches the letters:
    /// the less there is beside a text, the more of it is in the blur.
    fn area(frame: u32) -> Area {
        let across = |pixels: u32| (pixels * 1000 / 1280) as u16;
        let down = |pixels: u32| (pixels * 1000 / 720) as u16;
        Area::new(across(36 + 3 * frame), down(297 + frame), across(590), down(47)).unwrap()
    }

    fn veil(kind: VeilKind, from: u32, to: u32) -> Veil {
        let keys = vec![(from, Told::area(from)), (to, Told::area(to))];
        Veil { kind, from, to, path: composition::Path::new(keys).unwrap() }
    }

    fn write(&self, name: &str, index: &media::Index, samples: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, mp4(index, samples)).unwrap();
        path
    }

    /// What can be read in frames `from` to `to` of a file, of which `first` is frame 0.
    fn read(&self, file: &Path, first: u32, from: u32, to: u32) -> String {
        let sheet = self.folder.path().join("sheet.png");
        // The band in which the text wanders, enlarged, all frames in a column.
        let graph = format!(
            "select='between(n,{},{})',scale=1280:720:flags=lanczos,crop=1280:100:0:'min(280+n+{from},620)',tile=1x{}",
            from - first,
            to - first - 1,
            to - from
        );
        ffmpeg(&["-i", file.to_str().unwrap(), "-vf", &graph, "-frames:v", "1", sheet.to_str().unwrap()]);
        let out = std::process::Command::new("tesseract")
            .arg(&sheet)
            .args(["-", "--psm", "6"])
            .env("OMP_THREAD_LIMIT", "1")
            .output()
            .expect("tesseract is installed by ./phim test");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    /// Lines that hold a word of the text.
    fn told(&self, file: &Path, first: u32, from: u32, to: u32) -> usize {
        let text = self.read(file, first, from, to);
        text.lines().filter(|line| WORDS.iter().any(|word| line.contains(word))).count()
    }

    /// Makes the group from frame 50 to 100 with `veils`, and checks what it says of itself.
    fn make(&self, veils: Vec<Veil>) -> (Wish, Made) {
        let wish = Wish { from: 50, to: 100, idr: 1, veils, signs: Vec::new() };
        let made = make(&self.film, std::slice::from_ref(&wish)).remove(0);
        check(&self.film, &wish, &made);
        assert!(made.worst >= OUTSIDE, "{}", made.worst);
        assert!(made.inside.is_some_and(|db| db >= INSIDE), "{:?}", made.inside);
        (wish, made)
    }
}

/// Luma PSNR of the worst frame of `ours` against the frames of `theirs` from `first` on, in `place`.
fn worst(ours: &Path, theirs: &Path, first: u32, place: &str) -> f64 {
    let log = ours.with_extension("psnr");
    let graph = format!(
        "[0:v]settb=1/25,setpts=N,crop={place}[a];[1:v]trim=start_frame={first},settb=1/25,setpts=N,crop={place}[b];\
         [a][b]psnr=shortest=1:stats_file={}",
        log.display()
    );
    let (ours, theirs) = (ours.to_str().unwrap(), theirs.to_str().unwrap());
    ffmpeg(&["-i", ours, "-i", theirs, "-lavfi", &graph, "-f", "null", "-"]);
    let log = std::fs::read_to_string(log).unwrap();
    log.lines()
        .filter_map(|line| {
            line.split("psnr_y:").nth(1)?.split(' ').next()?.replace("inf", "99").parse::<f64>().ok()
        })
        .fold(f64::MAX, f64::min)
}

#[test]
fn text_under_a_moving_veil_cannot_be_read_in_any_frame() {
    for (size, encoder) in [((1280, 720), PHIM), ((640, 360), FOREIGN)] {
        let encoder = [encoder, &["-g", "50", "-keyint_min", "50", "-sc_threshold", "0"]].concat();
        let told = Told::new(size, "25", &encoder);
        let own = told.write("own.mp4", &told.film.index, &told.film.samples);
        assert!(told.told(&own, 0, 60, 90) >= 25, "the text can be read where nothing lies over it");
        for kind in VeilKind::ALL {
            let (_, made) = told.make(vec![Told::veil(kind, 60, 90)]);
            let index = media::Index::from_vec(made.index.clone()).unwrap();
            let patch = told.write("patch.mp4", &index, &made.samples);
            assert_eq!(told.told(&patch, 50, 60, 90), 0, "{kind:?}");
            assert!(told.told(&patch, 50, 50, 60) >= 8 && told.told(&patch, 50, 90, 100) >= 8);
            // Above the text the picture is the rendition's; measured by somebody else.
            let above = format!("{}:{}:0:0", size.0, size.1 / 3);
            assert!(worst(&patch, &own, 50, &above) >= 45.0);
            let text = format!("{}:{}:0:{}", size.0, size.1 / 6, size.1 / 2);
            assert!(worst(&patch, &own, 50, &text) < 30.0);
        }
    }
}

#[test]
fn rungs_of_all_sizes_are_veiled_alike() {
    for size in [(854, 480), (426, 240), (256, 144)] {
        let told = Told::new(size, "25", &[PHIM, &["-g", "50", "-keyint_min", "50"]].concat());
        let (_, made) = told.make(vec![Told::veil(VeilKind::Blur, 40, 120)]);
        let index = media::Index::from_vec(made.index.clone()).unwrap();
        assert_eq!(index.track().sample_entry, told.film.index.track().sample_entry);
        let patch = told.write("patch.mp4", &index, &made.samples);
        assert_eq!(told.told(&patch, 50, 50, 100), 0, "{:?}", told.size);
    }
}

#[test]
fn veils_grow_overlap_and_reach_the_edges() {
    let told = Told::new((640, 360), "30000/1001", &[PHIM, &["-g", "50", "-keyint_min", "50"]].concat());
    let area = |x, y, w, h| Area::new(x, y, w, h).unwrap();
    let veil = |kind, from, to, keys: &[(u32, Area)]| Veil {
        kind,
        from,
        to,
        path: composition::Path::new(keys.to_vec()).unwrap(),
    };
    let grows = [(50, area(480, 480, 20, 20)), (90, area(0, 0, 1000, 1000))];
    told.make(vec![veil(VeilKind::Blur, 50, 91, &grows)]);
    let crosses = [(0, area(900, 0, 100, 100)), (70, area(0, 0, 100, 1000)), (100, area(0, 900, 1000, 100))];
    told.make(vec![
        veil(VeilKind::Blur, 55, 90, &grows),
        veil(VeilKind::Blur, 50, 100, &crosses),
        veil(VeilKind::Mask, 60, 61, &[(0, area(0, 0, 1000, 500))]),
        veil(VeilKind::Mask, 70, 400, &[(0, area(500, 250, 1, 1))]),
    ]);
}

#[test]
fn every_kind_of_picture_can_be_veiled() {
    let ten_bits: &[&str] =
        &["-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-profile:v", "high10", "-g", "50"];
    let tall_chroma: &[&str] =
        &["-c:v", "libx264", "-pix_fmt", "yuv422p10le", "-profile:v", "high422", "-g", "50"];
    let full_range: &[&str] =
        &["-vf", "scale=out_range=pc,format=yuvj420p", "-c:v", "libx264", "-color_range", "pc", "-g", "50"];
    for encoder in [ten_bits, tall_chroma, full_range] {
        let told = Told::new((426, 240), "25", &[encoder, &["-sc_threshold", "0"]].concat());
        told.make(vec![Told::veil(VeilKind::Blur, 60, 90), Told::veil(VeilKind::Mask, 80, 95)]);
    }
}

#[test]
fn a_turned_picture_is_veiled_where_it_is_shown() {
    let mut told = Told::new((640, 360), "25", &[PHIM, &["-g", "50", "-keyint_min", "50"]].concat());
    // The same samples, shown upside down.
    let mut writer = media::IndexWriter::new(media::Track {
        matrix: [-0x10000, 0, 0, 0, -0x10000, 0, 0, 0, 0x4000_0000],
        ..(**told.film.index.track()).clone()
    });
    for n in 0..told.film.index.blocks() {
        let block = told.film.index.block(n).unwrap();
        writer.push_block(&block.samples, block.idr_pic_id).unwrap();
    }
    told.film.index = media::Index::from_vec(writer.finish().unwrap()).unwrap();
    let corner = composition::Path::still(Area::new(0, 0, 400, 300).unwrap());
    let (_, made) = told.make(vec![Veil { kind: VeilKind::Mask, from: 50, to: 100, path: corner }]);
    let upright = media::Index::from_vec(made.index.clone()).unwrap();
    let upright = media::Track { matrix: media::track::UNIT_MATRIX, ..(**upright.track()).clone() };
    let mut writer = media::IndexWriter::new(upright);
    let block = media::Index::from_vec(made.index).unwrap().block(0).unwrap();
    writer.push_block(&block.samples, block.idr_pic_id).unwrap();
    let index = media::Index::from_vec(writer.finish().unwrap()).unwrap();
    let (patch, black) =
        (told.write("patch.mp4", &index, &made.samples), told.folder.path().join("black.mp4"));
    ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        "color=black:s=640x360:r=25:d=2,format=yuv420p",
        "-c:v",
        "libx264",
        black.to_str().unwrap(),
    ]);
    assert!(worst(&patch, &black, 0, "240:100:400:260") > 40.0);
}
