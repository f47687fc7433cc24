use expect_test::expect;
use num_rational::Ratio;
use proptest::prelude::*;
use roxmltree::{Document, Node};

use super::*;
use crate::digest::Digest;

mod schema;

fn stream(timescale: u32, part: u32, first: u32, start: u64, durations: &[u64]) -> Stream {
    Stream {
        timescale,
        offset: start,
        initialization: format!("$RepresentationID$/init-{part}.mp4"),
        media: "$RepresentationID$/$Number$.m4s".into(),
        first,
        start,
        durations: durations.to_vec(),
        continues: false,
    }
}

fn video(n: u32, width: u32, height: u32, codecs: &str, stream: Stream) -> Video {
    Video {
        id: format!("v{n}"),
        codecs: codecs.into(),
        bandwidth: 6_000_000 / u64::from(n + 1),
        width,
        height,
        pixel_aspect: (1, 1),
        rate: Rate::new(24000, 1001).unwrap(),
        colour: Some(Colour { primaries: 1, transfer: 1, matrix: 1 }),
        protection: None,
        stream,
    }
}

fn sound(n: u32, language: &str, label: &str, channels: u16, stream: Stream) -> Sound {
    Sound {
        id: format!("a{n}"),
        codecs: "mp4a.40.2".into(),
        bandwidth: 131_000,
        language: language.into(),
        label: label.into(),
        channels,
        sample_rate: 48_000,
        protection: None,
        stream,
    }
}

fn text(n: u32, period: u32, language: &str, label: &str, forced: bool) -> Text {
    Text {
        id: format!("t{n}"),
        language: language.into(),
        label: label.into(),
        forced,
        uri: format!("t{n}/part-{period}.vtt"),
    }
}

/// A film of 211 frames whose last segment is short, then 96 frames with other parameter sets.
fn film() -> Presentation {
    let rate = Rate::new(24000, 1001).unwrap();
    let pictures = stream(24_000, 0, 0, 0, &[96_096, 96_096, 19_019]);
    let heard = stream(48_000, 0, 0, 0, &[191_488, 192_512, 38_912]);
    let thumbnails = Thumbnails {
        id: "thumbnails".into(),
        media: "sheet-$Number$.jpg".into(),
        width: 256,
        height: 1440,
        rows: 10,
        bandwidth: 4000,
        timescale: 1,
        duration: 50,
        first: 0,
        offset: 0,
    };
    let first = Period {
        from: rate.seconds(0),
        to: rate.seconds(211),
        video: vec![
            video(0, 1920, 1080, "avc1.640028", pictures.clone()),
            video(1, 1280, 720, "avc1.64001f", pictures),
        ],
        sounds: vec![sound(0, "vi-VN", "Tiếng Việt", 2, heard.clone()), sound(1, "en", "", 6, heard)],
        texts: vec![text(0, 0, "ko", "한국어", false), text(1, 0, "vi", "R&D <\"5\">", true)],
        thumbnails: Some(thumbnails.clone()),
    };
    let heard = stream(48_000, 0, 3, 422_912, &[192_512]);
    let heard = Stream { continues: true, ..heard };
    let second = Period {
        from: rate.seconds(211),
        to: rate.seconds(307),
        video: vec![
            video(0, 1920, 1080, "avc1.640028", stream(24_000, 1, 3, 211_211, &[96_096])),
            video(1, 1280, 720, "avc1.4d401f", stream(90_000, 1, 3, 792_041, &[360_360])),
        ],
        sounds: vec![sound(0, "vi-VN", "Tiếng Việt", 2, heard.clone()), sound(1, "en", "", 6, heard)],
        texts: vec![text(0, 1, "ko", "한국어", false), text(1, 1, "vi", "R&D <\"5\">", true)],
        thumbnails: Some(Thumbnails {
            timescale: 24_000,
            duration: 1_200_000,
            offset: 211_211,
            ..thumbnails
        }),
    };
    Presentation { periods: vec![first, second] }
}

#[test]
fn presentation_of_two_parts() {
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019" type="static" mediaPresentationDuration="PT12.804458S" maxSegmentDuration="PT4.010667S" minBufferTime="PT4.010667S">
          <Period id="0" start="PT0S" duration="PT8.800458S">
            <AdaptationSet id="0" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1" maxWidth="1920" maxHeight="1080">
              <SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:ColourPrimaries" value="1"/>
              <SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:TransferCharacteristics" value="1"/>
              <SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:MatrixCoefficients" value="1"/>
              <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
              <SegmentTemplate timescale="24000" presentationTimeOffset="0" initialization="$RepresentationID$/init-0.mp4" media="$RepresentationID$/$Number$.m4s" startNumber="0">
                <SegmentTimeline>
                  <S t="0" d="96096" r="1"/>
                  <S d="19019"/>
                </SegmentTimeline>
              </SegmentTemplate>
              <Representation id="v0" bandwidth="6000000" codecs="avc1.640028" width="1920" height="1080" sar="1:1" frameRate="24000/1001"/>
              <Representation id="v1" bandwidth="3000000" codecs="avc1.64001f" width="1280" height="720" sar="1:1" frameRate="24000/1001"/>
            </AdaptationSet>
            <AdaptationSet id="1" contentType="audio" mimeType="audio/mp4" lang="vi-VN" segmentAlignment="true" startWithSAP="1">
              <Label>Tiếng Việt</Label>
              <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
              <SegmentTemplate timescale="48000" presentationTimeOffset="0" initialization="$RepresentationID$/init-0.mp4" media="$RepresentationID$/$Number$.m4s" startNumber="0">
                <SegmentTimeline>
                  <S t="0" d="191488"/>
                  <S d="192512"/>
                  <S d="38912"/>
                </SegmentTimeline>
              </SegmentTemplate>
              <Representation id="a0" bandwidth="131000" codecs="mp4a.40.2" audioSamplingRate="48000">
                <AudioChannelConfiguration schemeIdUri="urn:mpeg:mpegB:cicp:ChannelConfiguration" value="2"/>
              </Representation>
            </AdaptationSet>
            <AdaptationSet id="2" contentType="audio" mimeType="audio/mp4" lang="en" segmentAlignment="true" startWithSAP="1">
              <Role schemeIdUri="urn:mpeg:dash:role:2011" value="alternate"/>
              <SegmentTemplate timescale="48000" presentationTimeOffset="0" initialization="$RepresentationID$/init-0.mp4" media="$RepresentationID$/$Number$.m4s" startNumber="0">
                <SegmentTimeline>
                  <S t="0" d="191488"/>
                  <S d="192512"/>
                  <S d="38912"/>
                </SegmentTimeline>
              </SegmentTemplate>
              <Representation id="a1" bandwidth="131000" codecs="mp4a.40.2" audioSamplingRate="48000">
                <AudioChannelConfiguration schemeIdUri="urn:mpeg:mpegB:cicp:ChannelConfiguration" value="6"/>
              </Representation>
            </AdaptationSet>
            <AdaptationSet id="3" contentType="text" mimeType="text/vtt" lang="ko">
              <Label>한국어</Label>
              <Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/>
              <Representation id="t0" bandwidth="1000">
                <BaseURL>t0/part-0.vtt</BaseURL>
              </Representation>
            </AdaptationSet>
            <AdaptationSet id="4" contentType="text" mimeType="text/vtt" lang="vi">
              <Label>R&amp;D &lt;&quot;5&quot;&gt;</Label>
              <Role schemeIdUri="urn:mpeg:dash:role:2011" value="forced-subtitle"/>
              <Representation id="t1" bandwidth="1000">
                <BaseURL>t1/part-0.vtt</BaseURL>
              </Representation>
            </AdaptationSet>
            <AdaptationSet id="5" contentType="image" mimeType="image/jpeg">
              <SegmentTemplate media="sheet-$Number$.jpg" timescale="1" duration="50" startNumber="0" presentationTimeOffset="0"/>
              <Representation id="thumbnails" bandwidth="4000" width="256" height="1440">
                <EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="1x10"/>
              </Representation>
            </AdaptationSet>
          </Period>
          <Period id="1" start="PT8.800458S" duration="PT4.004S">
            <AdaptationSet id="0" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1" maxWidth="1920" maxHeight="1080">
              <SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:ColourPrimaries" value="1"/>
              <SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:TransferCharacteristics" value="1"/>
              <SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:MatrixCoefficients" value="1"/>
              <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
              <Representation id="v0" bandwidth="6000000" codecs="avc1.640028" width="1920" height="1080" sar="1:1" frameRate="24000/1001">
                <SegmentTemplate timescale="24000" presentationTimeOffset="211211" initialization="$RepresentationID$/init-1.mp4" media="$RepresentationID$/$Number$.m4s" startNumber="3">
                  <SegmentTimeline>
                    <S t="211211" d="96096"/>
                  </SegmentTimeline>
                </SegmentTemplate>
              </Representation>
              <Representation id="v1" bandwidth="3000000" codecs="avc1.4d401f" width="1280" height="720" sar="1:1" frameRate="24000/1001">
                <SegmentTemplate timescale="90000" presentationTimeOffset="792041" initialization="$RepresentationID$/init-1.mp4" media="$RepresentationID$/$Number$.m4s" startNumber="3">
                  <SegmentTimeline>
                    <S t="792041" d="360360"/>
                  </SegmentTimeline>
                </SegmentTemplate>
              </Representation>
            </AdaptationSet>
            <AdaptationSet id="1" contentType="audio" mimeType="audio/mp4" lang="vi-VN" segmentAlignment="true" startWithSAP="1">
              <SupplementalProperty schemeIdUri="urn:mpeg:dash:period-continuity:2015" value="0"/>
              <Label>Tiếng Việt</Label>
              <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
              <SegmentTemplate timescale="48000" presentationTimeOffset="422912" initialization="$RepresentationID$/init-0.mp4" media="$RepresentationID$/$Number$.m4s" startNumber="3">
                <SegmentTimeline>
                  <S t="422912" d="192512"/>
                </SegmentTimeline>
              </SegmentTemplate>
              <Representation id="a0" bandwidth="131000" codecs="mp4a.40.2" audioSamplingRate="48000">
                <AudioChannelConfiguration schemeIdUri="urn:mpeg:mpegB:cicp:ChannelConfiguration" value="2"/>
              </Representation>
            </AdaptationSet>
            <AdaptationSet id="2" contentType="audio" mimeType="audio/mp4" lang="en" segmentAlignment="true" startWithSAP="1">
              <SupplementalProperty schemeIdUri="urn:mpeg:dash:period-continuity:2015" value="0"/>
              <Role schemeIdUri="urn:mpeg:dash:role:2011" value="alternate"/>
              <SegmentTemplate timescale="48000" presentationTimeOffset="422912" initialization="$RepresentationID$/init-0.mp4" media="$RepresentationID$/$Number$.m4s" startNumber="3">
                <SegmentTimeline>
                  <S t="422912" d="192512"/>
                </SegmentTimeline>
              </SegmentTemplate>
              <Representation id="a1" bandwidth="131000" codecs="mp4a.40.2" audioSamplingRate="48000">
                <AudioChannelConfiguration schemeIdUri="urn:mpeg:mpegB:cicp:ChannelConfiguration" value="6"/>
              </Representation>
            </AdaptationSet>
            <AdaptationSet id="3" contentType="text" mimeType="text/vtt" lang="ko">
              <Label>한국어</Label>
              <Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/>
              <Representation id="t0" bandwidth="1000">
                <BaseURL>t0/part-1.vtt</BaseURL>
              </Representation>
            </AdaptationSet>
            <AdaptationSet id="4" contentType="text" mimeType="text/vtt" lang="vi">
              <Label>R&amp;D &lt;&quot;5&quot;&gt;</Label>
              <Role schemeIdUri="urn:mpeg:dash:role:2011" value="forced-subtitle"/>
              <Representation id="t1" bandwidth="1000">
                <BaseURL>t1/part-1.vtt</BaseURL>
              </Representation>
            </AdaptationSet>
            <AdaptationSet id="5" contentType="image" mimeType="image/jpeg">
              <SegmentTemplate media="sheet-$Number$.jpg" timescale="24000" duration="1200000" startNumber="0" presentationTimeOffset="211211"/>
              <Representation id="thumbnails" bandwidth="4000" width="256" height="1440">
                <EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="1x10"/>
              </Representation>
            </AdaptationSet>
          </Period>
        </MPD>
    "#]].assert_eq(&write(&film()));
}

#[test]
fn high_dynamic_range_and_another_coding_stand_in_sets_of_their_own() {
    let one = |n, codecs, transfer| {
        let colour = Some(Colour { primaries: 9, transfer, matrix: 9 });
        Video { colour, ..video(n, 640, 360, codecs, stream(24_000, 0, 0, 0, &[96_096])) }
    };
    let video = vec![
        one(0, "hvc1.2.4.L120", 16),
        one(1, "hvc1.2.4.L90", 16),
        one(2, "hvc1.2.4.L90", 1),
        one(3, "avc1.64001f", 1),
    ];
    let to = Seconds::new(96_096, 24_000);
    let empty = film().periods.remove(0);
    let period = Period { video, to, sounds: vec![], texts: vec![], thumbnails: None, ..empty };
    let xml = write(&Presentation { periods: vec![period] });
    let document = Document::parse(&xml).unwrap();
    let sets: Vec<String> = elements(&document, "AdaptationSet").map(summary).collect();
    expect![[r#"
        E:ColourPrimaries=9 E:TransferCharacteristics=16 E:MatrixCoefficients=9 v0 v1
        S:ColourPrimaries=9 S:TransferCharacteristics=1 S:MatrixCoefficients=9 v2
        S:ColourPrimaries=9 S:TransferCharacteristics=1 S:MatrixCoefficients=9 v3"#]]
    .assert_eq(&sets.join("\n"));
}

fn elements<'a>(document: &'a Document, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |n| n.has_tag_name(name))
}

/// Representations of a set, and what a player must understand.
fn summary(set: Node) -> String {
    let children = set.children().filter(|n| n.is_element());
    let words = children.filter_map(|n| match n.tag_name().name() {
        "Representation" => n.attribute("id").map(str::to_owned),
        name @ ("EssentialProperty" | "SupplementalProperty") => {
            let scheme = n.attribute("schemeIdUri")?.rsplit(':').next()?;
            Some(format!("{}:{scheme}={}", &name[..1], n.attribute("value")?))
        }
        _ => None,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn presentation_of_nothing() {
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019" type="static" mediaPresentationDuration="PT0S" maxSegmentDuration="PT1S" minBufferTime="PT1S">
        </MPD>
    "#]].assert_eq(&write(&Presentation { periods: vec![] }));
}

/// A change of this digest changes bytes that caches rely on: raise `FORMAT_VERSION` with it.
#[test]
fn golden_digest() {
    let digest = Digest::of(write(&film()).as_bytes());
    expect![[r#"
        format 1
        aaad0b140329a1c4402cc1354bc2c510b8a6e8932b5d17fcb69623c92d1ea074
    "#]]
    .assert_eq(&format!("format {}\n{digest}\n", crate::FORMAT_VERSION));
}

#[test]
fn channel_layouts() {
    let layout = |n| {
        let mut w = Writer::new(Vec::new());
        channels(&mut w, n);
        let xml = String::from_utf8(w.into_inner()).unwrap();
        xml.split("value=\"").nth(1).map(|v| v.trim_end_matches("\"/>").to_owned())
    };
    let of = |n: u16| layout(n).unwrap_or_default();
    assert_eq!([1, 2, 6, 7, 8, 9].map(of), ["1", "2", "6", "11", "12", ""]);
}

/// Periods: their length in frames, and the lengths of segments in ticks.
fn presentations() -> impl Strategy<Value = Presentation> {
    let period = (
        1..9000i64,
        proptest::collection::vec(proptest::sample::select(vec![96_096u64, 96_096, 48_048, 1001]), 1..60),
        any::<String>(),
    );
    proptest::collection::vec(period, 1..5).prop_map(|periods| {
        let rate = Rate::new(24000, 1001).unwrap();
        let mut at = 0;
        let periods = periods.into_iter().map(|(frames, durations, label)| {
            let (from, to) = (rate.seconds(at), rate.seconds(at + frames));
            at += frames;
            let stream = stream(24_000, 0, 7, 1001, &durations);
            let video = vec![video(0, 640, 360, "avc1.64001f", stream.clone())];
            Period {
                from,
                to,
                video,
                sounds: vec![sound(0, "vi", &label, 2, stream)],
                texts: vec![text(0, 0, "vi", &label, false)],
                thumbnails: None,
            }
        });
        Presentation { periods: periods.collect() }
    })
}

/// An `xs:duration` of seconds alone.
fn seconds(text: &str) -> Seconds {
    let digits = text.strip_prefix("PT").and_then(|t| t.strip_suffix('S')).unwrap();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let scale = 10i64.pow(fraction.len() as u32);
    let fraction = if fraction.is_empty() { 0 } else { fraction.parse().unwrap() };
    Ratio::new(whole.parse::<i64>().unwrap() * scale + fraction, scale)
}

proptest! {
    #[test]
    fn any_presentation_keeps_to_the_schema_and_its_times(presentation in presentations()) {
        let xml = write(&presentation);
        let document = Document::parse(&xml).unwrap();
        schema::check(document.root_element());

        let mut end = Seconds::from_integer(0);
        for (node, period) in elements(&document, "Period").zip(&presentation.periods) {
            prop_assert_eq!(seconds(node.attribute("start").unwrap()), end);
            end += seconds(node.attribute("duration").unwrap());
            let drift = (end - period.to) * 2_000_000;
            prop_assert!(drift <= Ratio::from_integer(1) && drift >= Ratio::from_integer(-1));
        }
        prop_assert_eq!(seconds(document.root_element().attribute("mediaPresentationDuration").unwrap()), end);

        let timelines = elements(&document, "SegmentTimeline").zip(presentation.periods.iter().flat_map(streams));
        for (node, stream) in timelines {
            let number = |s: Node, name| s.attribute(name).map_or(0, |v| v.parse::<u64>().unwrap());
            let read: Vec<u64> = node.children().filter(Node::is_element).flat_map(|s| vec![number(s, "d"); 1 + number(s, "r") as usize]).collect();
            prop_assert_eq!(&read, &stream.durations);
            prop_assert_eq!(number(node.first_element_child().unwrap(), "t"), stream.start);
        }
        let labels = elements(&document, "Label").map(|n| n.text().unwrap_or_default().to_owned());
        let given = presentation.periods.iter().flat_map(|p| [legible(&p.sounds[0].label), legible(&p.texts[0].label)]);
        prop_assert_eq!(labels.collect::<Vec<_>>(), given.filter(|l| !l.is_empty()).collect::<Vec<_>>());
    }
}

#[test]
fn the_film_keeps_to_the_schema() {
    let xml = write(&film());
    schema::check(Document::parse(&xml).unwrap().root_element());
}

#[test]
fn an_encrypted_stream_names_its_key() {
    let period = |protection: Option<Protection>| Period {
        from: Seconds::from_integer(0),
        to: Seconds::from_integer(4),
        video: vec![Video {
            protection,
            ..video(0, 640, 360, "avc1.64001f", stream(24_000, 0, 0, 0, &[96_000]))
        }],
        sounds: vec![],
        texts: vec![],
        thumbnails: None,
    };
    let key_id = std::array::from_fn(|n| n as u8);
    let protection = Protection { key_id, licence: "/licences/C".into() };
    let written = write(&Presentation { periods: vec![period(Some(protection))] });
    let clear = write(&Presentation { periods: vec![period(None)] });
    let added: Vec<&str> =
        written.lines().filter(|line| !clear.contains(line.trim())).map(str::trim).collect();
    expect![[r#"
        [
            "<Representation id=\"v0\" bandwidth=\"6000000\" codecs=\"avc1.64001f\" width=\"640\" height=\"360\" sar=\"1:1\" frameRate=\"24000/1001\">",
            "<ContentProtection schemeIdUri=\"urn:mpeg:dash:mp4protection:2011\" value=\"cbcs\" cenc:default_KID=\"00010203-0405-0607-0809-0a0b0c0d0e0f\" xmlns:cenc=\"urn:mpeg:cenc:2013\"/>",
            "<ContentProtection schemeIdUri=\"urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e\" value=\"ClearKey1.0\" xmlns:dashif=\"https://dashif.org/CPS\">",
            "<dashif:Laurl>/licences/C</dashif:Laurl>",
            "</ContentProtection>",
            "</Representation>",
        ]
    "#]].assert_debug_eq(&added);
}
