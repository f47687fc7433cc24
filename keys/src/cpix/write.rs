//! Writes a document with the keys of a title.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use media::{Error, Result};
use quick_xml::Writer;
use quick_xml::events::BytesText;
use rsa::rand_core::CryptoRng;

use super::read::{AES, CPIX, DS, ENC, HMAC, OAEP, PSKC};
use super::secret::{Recipient, Secrets};
use crate::content::{ContentKey, key_id_text};

/// How the values of the keys go into the document.
pub enum Seal<'a, R> {
    /// For a channel that is secret itself.
    Clear,
    /// For the holders of these certificates (DER); the randomness makes document key, MAC key and IVs.
    For(&'a [Vec<u8>], &'a mut R),
}

/// A key and what the vendor is told of its track.
pub struct Told<'a> {
    pub key: &'a ContentKey,
    /// `intendedTrackType`: `SD`, `HD`, `UHD1`, `AUDIO`.
    pub track_type: &'a str,
}

/// The document, of scheme `cbcs`: each key with the rule that names its track by a label and its type.
pub fn write<R: CryptoRng>(keys: &[Told], seal: Seal<R>) -> Result<String> {
    let (recipients, values) = sealed(keys, seal)?;
    let mut w = Writer::new_with_indent(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec(), b' ', 2);
    let spaces = [("xmlns", CPIX), ("xmlns:pskc", PSKC), ("xmlns:enc", ENC), ("xmlns:ds", DS)];
    let written = w.create_element("CPIX").with_attributes(spaces).write_inner_content(|w| {
        if !recipients.is_empty() {
            w.create_element("DeliveryDataList")
                .write_inner_content(|w| recipients.iter().try_for_each(|r| write_recipient(w, r)))?;
        }
        w.create_element("ContentKeyList").write_inner_content(|w| {
            keys.iter().zip(&values).try_for_each(|(told, value)| write_key(w, told.key, value))
        })?;
        w.create_element("ContentKeyUsageRuleList")
            .write_inner_content(|w| keys.iter().try_for_each(|told| write_rule(w, told)))?;
        Ok(())
    });
    written.map_err(|e| Error::internal(format!("the document cannot be written: {e}")))?;
    let mut bytes = w.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|e| Error::internal(e.to_string()))
}

type Written = std::io::Result<()>;
type Xml = Writer<Vec<u8>>;

/// A value as it goes into the document.
enum Out {
    Plain([u8; 16]),
    Encrypted(Vec<u8>, Vec<u8>),
}

fn sealed<R: CryptoRng>(keys: &[Told], seal: Seal<R>) -> Result<(Vec<Recipient>, Vec<Out>)> {
    let Seal::For(certificates, random) = seal else {
        return Ok((Vec::new(), keys.iter().map(|told| Out::Plain(told.key.key)).collect()));
    };
    if certificates.is_empty() {
        return Err(Error::invalid("there is no recipient"));
    }
    let (mut document_key, mut mac_key) = ([0; 32], [0; 64]);
    random.fill_bytes(&mut document_key);
    random.fill_bytes(&mut mac_key);
    let secrets = Secrets::new(document_key, mac_key);
    let recipients = certificates.iter().map(|c| secrets.seal_for(c, random)).collect::<Result<Vec<_>>>()?;
    let values = keys.iter().map(|told| {
        let mut iv = [0; 16];
        random.fill_bytes(&mut iv);
        let (cipher, mac) = secrets.encrypt(&told.key.key, iv);
        Out::Encrypted(cipher, mac)
    });
    Ok((recipients, values.collect()))
}

fn text(w: &mut Xml, name: &'static str, bytes: &[u8]) -> Written {
    w.create_element(name).write_text_content(BytesText::new(&STANDARD.encode(bytes)))?;
    Ok(())
}

fn within(w: &mut Xml, names: &[&'static str], inner: &dyn Fn(&mut Xml) -> Written) -> Written {
    match names.split_first() {
        None => inner(w),
        Some((name, rest)) => {
            w.create_element(*name).write_inner_content(|w| within(w, rest, inner))?;
            Ok(())
        }
    }
}

fn encrypted(w: &mut Xml, algorithm: &str, cipher: &[u8]) -> Written {
    w.create_element("enc:EncryptionMethod").with_attribute(("Algorithm", algorithm)).write_empty()?;
    within(w, &["enc:CipherData"], &|w| text(w, "enc:CipherValue", cipher))
}

fn write_recipient(w: &mut Xml, recipient: &Recipient) -> Written {
    within(w, &["DeliveryData"], &|w| {
        within(w, &["DeliveryKey", "ds:X509Data"], &|w| {
            text(w, "ds:X509Certificate", &recipient.certificate)
        })?;
        w.create_element("DocumentKey").with_attribute(("Algorithm", AES)).write_inner_content(|w| {
            within(w, &["Data", "pskc:Secret", "pskc:EncryptedValue"], &|w| {
                encrypted(w, OAEP, &recipient.document_key)
            })
        })?;
        w.create_element("MACMethod")
            .with_attribute(("Algorithm", HMAC))
            .write_inner_content(|w| within(w, &["Key"], &|w| encrypted(w, OAEP, &recipient.mac_key)))?;
        Ok(())
    })
}

fn write_key(w: &mut Xml, key: &ContentKey, value: &Out) -> Written {
    let (id, iv) = (key_id_text(&key.id), STANDARD.encode(key.iv));
    let attributes = [("kid", id.as_str()), ("explicitIV", &iv), ("commonEncryptionScheme", "cbcs")];
    w.create_element("ContentKey").with_attributes(attributes).write_inner_content(|w| {
        within(w, &["Data", "pskc:Secret"], &|w| match value {
            Out::Plain(key) => text(w, "pskc:PlainValue", key),
            Out::Encrypted(cipher, mac) => {
                within(w, &["pskc:EncryptedValue"], &|w| encrypted(w, AES, cipher))?;
                text(w, "pskc:ValueMAC", mac)
            }
        })
    })?;
    Ok(())
}

fn write_rule(w: &mut Xml, told: &Told) -> Written {
    let id = key_id_text(&told.key.id);
    let attributes = [("kid", id.as_str()), ("intendedTrackType", told.track_type)];
    w.create_element("ContentKeyUsageRule").with_attributes(attributes).write_inner_content(|w| {
        w.create_element("LabelFilter").with_attribute(("label", told.key.track.as_str())).write_empty()?;
        Ok(())
    })?;
    Ok(())
}
