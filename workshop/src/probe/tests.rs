use num_rational::Ratio;
use serde_json::json;

use super::*;

fn chosen(average: (u64, u64), least: (u64, u64)) -> (String, bool) {
    let (rate, variable) =
        choose_rate(Some(Ratio::new(average.0, average.1)), Some(Ratio::new(least.0, least.1))).unwrap();
    (rate.to_string(), variable)
}

#[test]
fn constant_rates_are_exact() {
    assert_eq!(chosen((24000, 1001), (24000, 1001)), ("24000/1001".into(), false));
    assert_eq!(chosen((25, 2), (25, 2)), ("25/2".into(), false));
    // Matroska counts in milliseconds.
    assert_eq!(chosen((19001, 317), (60000, 1001)), ("60000/1001".into(), false));
    assert_eq!(chosen((23976, 1000), (24000, 1001)), ("24000/1001".into(), false));
}

#[test]
fn variable_rates_get_a_common_one() {
    assert_eq!(chosen((2411, 100), (90000, 1)), ("24/1".into(), true));
    assert_eq!(chosen((27, 1), (120, 1)), ("30000/1001".into(), true));
    assert_eq!(chosen((90, 1), (1000, 1)), ("60/1".into(), true));
}

#[test]
fn seconds_are_exact() {
    let at = |text: &str| seconds(&json!({ "t": text }), "t");
    assert_eq!(at("1.5"), Some(Ratio::new(3, 2)));
    assert_eq!(at("-0.021333"), Some(Ratio::new(-21333, 1_000_000)));
    assert_eq!(at("N/A"), None);
    assert_eq!(at("99999999999999999999"), None);
}

#[test]
fn a_turned_anamorphic_picture_is_shown_upright() {
    let stream = json!({
        "width": 720, "height": 576, "sample_aspect_ratio": "64:45", "avg_frame_rate": "25/1", "r_frame_rate": "25/1",
        "field_order": "tt", "side_data_list": [{ "rotation": -90 }]
    });
    let picture = picture(0, &stream).unwrap();
    assert_eq!((picture.shown(), picture.rotation, picture.interlaced), ((576, 1024), 90, true));
}

#[test]
fn an_encrypted_stream_is_refused() {
    let json = json!({ "streams": [{ "index": 0, "codec_type": "video", "codec_tag_string": "encv" }] });
    assert_eq!(understand(Path::new("x.mp4"), &json).unwrap_err().kind, media::Kind::Unsupported);
}
