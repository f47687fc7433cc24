use workshop::silence::silence;

use crate::stage::{ffmpeg, first_track, sandbox};

fn check(encoder: &[&str], name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut args = vec!["-f", "lavfi", "-i", "sine=f=440:d=2:r=48000"];
    args.extend(encoder);
    args.push(path.to_str().unwrap());
    ffmpeg(&args);
    let sandbox = sandbox();
    let held = first_track(&sandbox, &path);
    let made = silence(&sandbox, held.index.track(), folder.path()).unwrap();
    let index = media::Index::from_vec(made.index).unwrap();
    assert_eq!((index.samples(), index.blob_len()), (1, made.samples.len() as u64));
    assert_eq!(index.track().sample_entry, held.index.track().sample_entry);
}

#[test]
fn silence_fits_the_track() {
    check(&["-ac", "2", "-c:a", "aac"], "stereo.mp4");
    check(&["-ac", "6", "-c:a", "aac"], "surround.mp4");
    check(&["-ac", "1", "-ar", "44100", "-c:a", "aac"], "mono.mp4");
    check(&["-ac", "6", "-c:a", "ac3"], "ac3.mp4");
    check(&["-ac", "2", "-c:a", "eac3"], "eac3.mp4");
    check(&["-ac", "2", "-c:a", "libopus"], "opus.mp4");
}
