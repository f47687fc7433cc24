//! Reads a document. XML with a document type is refused, so entities cannot multiply.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use media::{Error, Result};
use roxmltree::Node;

use super::rule::{Filter, UsageRule};
use super::secret::Recipient;
use super::{Document, Key, MAX_DOCUMENT, System, Value, signature};
use crate::content::parse_key_id;

pub const CPIX: &str = "urn:dashif:org:cpix";
pub const PSKC: &str = "urn:ietf:params:xml:ns:keyprov:pskc";
pub const ENC: &str = "http://www.w3.org/2001/04/xmlenc#";
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
pub const AES: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
pub const OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
pub const HMAC: &str = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512";

/// Reads a document and checks every signature in it.
///
/// Fails with `Invalid` when it is damaged or a signature does not fit, and with `Unsupported` for
/// algorithms and filters that are not read here.
pub fn read(text: &str) -> Result<Document> {
    if text.len() > MAX_DOCUMENT {
        return Err(Error::invalid(format!("a CPIX document of more than {MAX_DOCUMENT} bytes")));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let xml = roxmltree::Document::parse(text).map_err(|e| Error::invalid(format!("not XML: {e}")))?;
    let root = xml.root_element();
    if !root.has_tag_name((CPIX, "CPIX")) {
        return Err(Error::invalid("the document is not CPIX: its first element is another"));
    }
    let signers = signature::verify(text, &root)?;
    let document = Document {
        recipients: list(root, "DeliveryDataList", "DeliveryData", read_recipient)?,
        keys: list(root, "ContentKeyList", "ContentKey", read_key)?,
        systems: list(root, "DRMSystemList", "DRMSystem", read_system)?,
        rules: list(root, "ContentKeyUsageRuleList", "ContentKeyUsageRule", read_rule)?,
        signers,
    };
    let mut ids: Vec<[u8; 16]> = document.keys.iter().map(|key| key.id).collect();
    ids.sort_unstable();
    if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::invalid(format!("key {} stands twice", crate::key_id_text(&twice[0]))));
    }
    match document.rules.iter().find(|rule| ids.binary_search(&rule.key_id).is_err()) {
        Some(rule) => Err(Error::invalid(format!(
            "a rule for key {}, which the document does not have",
            crate::key_id_text(&rule.key_id)
        ))),
        None => Ok(document),
    }
}

/// The children of a list, each read; an error names the line.
fn list<T>(root: Node, list: &str, each: &str, read: impl Fn(Node) -> Result<T>) -> Result<Vec<T>> {
    let lists = children(root, CPIX, list);
    let nodes = lists.flat_map(|found| children(found, CPIX, each).collect::<Vec<_>>());
    nodes
        .map(|node| {
            let line = node.document().text_pos_at(node.range().start).row;
            read(node).map_err(|e| e.at(format!("{each} in line {line}")))
        })
        .collect()
}

fn children<'a, 'i>(node: Node<'a, 'i>, space: &'a str, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.has_tag_name((space, name)))
}

/// The one child of that name, if there is one.
fn child<'a, 'i>(node: Node<'a, 'i>, space: &'a str, name: &'a str) -> Result<Option<Node<'a, 'i>>> {
    let mut found = children(node, space, name);
    let first = found.next();
    match found.next() {
        Some(_) => Err(Error::invalid(format!("more than one {name}"))),
        None => Ok(first),
    }
}

/// The descendant at the end of a path of children, each of which there is one.
fn at<'a, 'i>(node: Node<'a, 'i>, path: &[(&'a str, &'a str)]) -> Result<Node<'a, 'i>> {
    path.iter().try_fold(node, |node, (space, name)| {
        child(node, space, name)?.ok_or_else(|| Error::invalid(format!("there is no {name}")))
    })
}

/// Base64 with any white space in it.
pub fn decode(text: Option<&str>) -> Result<Vec<u8>> {
    let text: String = text.unwrap_or_default().split_whitespace().collect();
    STANDARD.decode(text).map_err(|_| Error::invalid("a value is not base64"))
}

fn sixteen(bytes: Vec<u8>, what: &str) -> Result<[u8; 16]> {
    bytes.try_into().map_err(|_| Error::invalid(format!("{what} does not have sixteen bytes")))
}

fn key_id(node: Node, attribute: &str) -> Result<[u8; 16]> {
    parse_key_id(node.attribute(attribute).unwrap_or_default())
}

/// An encrypted value: its bytes, when its algorithm is the one that is read here.
fn cipher(node: Node, algorithm: &str) -> Result<Vec<u8>> {
    let named = at(node, &[(ENC, "EncryptionMethod")])?.attribute("Algorithm").unwrap_or_default();
    if named != algorithm {
        return Err(Error::unsupported(format!("encryption by {named:?}; expected {algorithm}")));
    }
    decode(at(node, &[(ENC, "CipherData"), (ENC, "CipherValue")])?.text())
}

fn read_recipient(node: Node) -> Result<Recipient> {
    let certificate = at(node, &[(CPIX, "DeliveryKey"), (DS, "X509Data"), (DS, "X509Certificate")])?;
    let document_key = at(node, &[(CPIX, "DocumentKey")])?;
    let algorithm = document_key.attribute("Algorithm").unwrap_or_default();
    if algorithm != AES {
        return Err(Error::unsupported(format!("a document key for {algorithm:?}; expected {AES}")));
    }
    let secret = at(document_key, &[(CPIX, "Data"), (PSKC, "Secret"), (PSKC, "EncryptedValue")])?;
    let mac = at(node, &[(CPIX, "MACMethod")])?;
    let algorithm = mac.attribute("Algorithm").unwrap_or_default();
    if algorithm != HMAC {
        return Err(Error::unsupported(format!("a MAC by {algorithm:?}; expected {HMAC}")));
    }
    Ok(Recipient {
        certificate: decode(certificate.text())?,
        document_key: cipher(secret, OAEP)?,
        mac_key: cipher(at(mac, &[(CPIX, "Key")])?, OAEP)?,
    })
}

fn read_key(node: Node) -> Result<Key> {
    Ok(Key {
        id: key_id(node, "kid")?,
        value: match child(node, CPIX, "Data")? {
            Some(data) => read_value(at(data, &[(PSKC, "Secret")])?)?,
            None => Value::Absent,
        },
        iv: node.attribute("explicitIV").map(read_iv).transpose()?,
        scheme: node.attribute("commonEncryptionScheme").unwrap_or_default().into(),
    })
}

fn read_value(secret: Node) -> Result<Value> {
    let mac = child(secret, PSKC, "ValueMAC")?.map(|mac| decode(mac.text())).transpose()?;
    match (child(secret, PSKC, "PlainValue")?, child(secret, PSKC, "EncryptedValue")?) {
        (Some(plain), None) => Ok(Value::Clear(sixteen(decode(plain.text())?, "the key")?)),
        (None, Some(encrypted)) => Ok(Value::Encrypted { cipher: cipher(encrypted, AES)?, mac }),
        _ => Err(Error::invalid("a key has one value, in the clear or encrypted")),
    }
}

/// Base64 by the specification; some write a UUID.
fn read_iv(text: &str) -> Result<[u8; 16]> {
    parse_key_id(text).or_else(|_| sixteen(decode(Some(text))?, "explicitIV"))
}

fn read_system(node: Node) -> Result<System> {
    let pssh = child(node, CPIX, "PSSH")?.map(|pssh| decode(pssh.text())).transpose()?;
    Ok(System { id: key_id(node, "systemId")?, key_id: key_id(node, "kid")?, pssh })
}

fn read_rule(node: Node) -> Result<UsageRule> {
    let filters = node.children().filter(Node::is_element).map(read_filter);
    Ok(UsageRule {
        key_id: key_id(node, "kid")?,
        track_type: node.attribute("intendedTrackType").map(str::to_owned),
        filters: filters.collect::<Result<_>>()?,
    })
}

fn read_filter(node: Node) -> Result<Filter> {
    let name = node.tag_name();
    if name.namespace() != Some(CPIX) {
        return Err(Error::unsupported(format!("a filter of another vocabulary: {}", name.name())));
    }
    let text = |attribute: &str| node.attribute(attribute).unwrap_or_default().to_owned();
    Ok(match name.name() {
        "LabelFilter" => Filter::Label(text("label")),
        "KeyPeriodFilter" => Filter::Period(text("periodId")),
        "VideoFilter" => Filter::Video {
            pixels: bounds(node, "minPixels", "maxPixels")?,
            hdr: flag(node, "hdr")?,
            wcg: flag(node, "wcg")?,
            fps: bounds(node, "minFps", "maxFps")?,
        },
        "AudioFilter" => Filter::Audio { channels: bounds(node, "minChannels", "maxChannels")? },
        "BitrateFilter" => {
            let (min, max) = bounds(node, "minBitrate", "maxBitrate")?;
            Filter::Bitrate(min, max)
        }
        other => return Err(Error::unsupported(format!("a filter of kind {other}"))),
    })
}

fn bounds(node: Node, min: &str, max: &str) -> Result<(u64, u64)> {
    let number = |attribute: &str, otherwise: u64| match node.attribute(attribute) {
        Some(text) => {
            text.parse().map_err(|_| Error::invalid(format!("{attribute} is not a number: {text:?}")))
        }
        None => Ok(otherwise),
    };
    Ok((number(min, 0)?, number(max, u64::MAX)?))
}

fn flag(node: Node, attribute: &str) -> Result<Option<bool>> {
    match node.attribute(attribute) {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(other) => Err(Error::invalid(format!("{attribute} is {other:?}; expected true or false"))),
    }
}
