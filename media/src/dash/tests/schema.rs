//! The part of the DASH schema (ISO/IEC 23009-1 §5, `DASH-MPD.xsd`) that Phim's presentations use,
//! written down anew: which children may stand in an element and in which order, which attributes
//! it may and must have.

use roxmltree::Node;

struct Rule {
    name: &'static str,
    /// In the order of the schema's sequences.
    children: &'static [&'static str],
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

const DESCRIPTOR: (&[&str], &[&str]) = (&["schemeIdUri"], &["value", "id"]);

const RULES: [Rule; 15] = [
    Rule {
        name: "MPD",
        children: &["ProgramInformation", "BaseURL", "Period"],
        required: &["profiles", "minBufferTime"],
        optional: &["type", "mediaPresentationDuration", "maxSegmentDuration"],
    },
    Rule {
        name: "Period",
        children: &["BaseURL", "SegmentTemplate", "AdaptationSet", "SupplementalProperty"],
        required: &[],
        optional: &["id", "start", "duration"],
    },
    Rule {
        name: "AdaptationSet",
        children: &[
            "AudioChannelConfiguration",
            "EssentialProperty",
            "SupplementalProperty",
            "Label",
            "Accessibility",
            "Role",
            "BaseURL",
            "SegmentTemplate",
            "Representation",
        ],
        required: &[],
        optional: &[
            "id",
            "lang",
            "contentType",
            "mimeType",
            "segmentAlignment",
            "startWithSAP",
            "maxWidth",
            "maxHeight",
        ],
    },
    Rule {
        name: "Representation",
        children: &[
            "AudioChannelConfiguration",
            "EssentialProperty",
            "SupplementalProperty",
            "BaseURL",
            "SegmentTemplate",
        ],
        required: &["id", "bandwidth"],
        optional: &["codecs", "width", "height", "sar", "frameRate", "audioSamplingRate"],
    },
    Rule {
        name: "SegmentTemplate",
        children: &["SegmentTimeline"],
        required: &[],
        optional: &[
            "timescale",
            "presentationTimeOffset",
            "duration",
            "startNumber",
            "media",
            "initialization",
        ],
    },
    Rule { name: "SegmentTimeline", children: &["S"], required: &[], optional: &[] },
    Rule { name: "S", children: &[], required: &["d"], optional: &["t", "r"] },
    Rule { name: "BaseURL", children: &[], required: &[], optional: &[] },
    Rule { name: "Label", children: &[], required: &[], optional: &["lang", "id"] },
    descriptor("Role"),
    descriptor("Accessibility"),
    descriptor("AudioChannelConfiguration"),
    descriptor("EssentialProperty"),
    descriptor("SupplementalProperty"),
    Rule { name: "ProgramInformation", children: &["Title"], required: &[], optional: &["lang"] },
];

const fn descriptor(name: &'static str) -> Rule {
    Rule { name, children: &[], required: DESCRIPTOR.0, optional: DESCRIPTOR.1 }
}

/// Attributes that the schema types as `xs:unsignedInt`.
const UNSIGNED: [&str; 11] = [
    "bandwidth",
    "width",
    "height",
    "maxWidth",
    "maxHeight",
    "timescale",
    "duration",
    "startNumber",
    "audioSamplingRate",
    "startWithSAP",
    "r",
];

/// Panics where the element or anything in it departs from the rules.
pub fn check(node: Node) {
    let name = node.tag_name().name();
    assert_eq!(node.tag_name().namespace(), Some("urn:mpeg:dash:schema:mpd:2011"));
    let rule = RULES.iter().find(|r| r.name == name).unwrap_or_else(|| panic!("no rule for {name}"));
    for wanted in rule.required {
        assert!(node.has_attribute(*wanted), "{name} lacks @{wanted}");
    }
    for attribute in node.attributes() {
        let (key, value) = (attribute.name(), attribute.value());
        assert!(rule.required.contains(&key) || rule.optional.contains(&key), "{name} may not have @{key}");
        if UNSIGNED.contains(&key) && name != "Period" {
            assert!(value.parse::<u32>().is_ok(), "@{key} is {value}");
        }
    }
    let mut last = 0;
    for child in node.children().filter(Node::is_element) {
        let child_name = child.tag_name().name();
        let place = rule.children.iter().position(|c| *c == child_name);
        let place = place.unwrap_or_else(|| panic!("{child_name} may not stand in {name}"));
        assert!(place >= last, "{child_name} stands too late in {name}");
        last = place;
        check(child);
    }
}
