//! XML signatures in a document (W3C XML Signature): each must be valid, or the document is refused.
//!
//! Read are the forms that CPIX prescribes: RSA with SHA-512 or SHA-256 over canonical XML 1.0; a reference
//! to one part by its id, or to the whole document without the signature itself.

use bergshamra_c14n::{C14nMode, canonicalize_doc};
use bergshamra_xml::{NodeSet, XmlDocument};
use media::{Error, Result};
use roxmltree::Node;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier;
use sha2::{Digest, Sha256, Sha512};

use super::read::{DS, decode};
use super::secret::public_key;

/// Signatures in a document at most.
const MAX_SIGNATURES: usize = 64;

const C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/// The certificates of the signers, in the order of their signatures.
pub fn verify(text: &str, root: &Node) -> Result<Vec<Vec<u8>>> {
    let all = root.descendants().filter(|node| node.has_tag_name((DS, "Signature")));
    let signatures: Vec<Node> = all.collect();
    if signatures.is_empty() {
        return Ok(Vec::new());
    }
    if signatures.len() > MAX_SIGNATURES {
        return Err(Error::invalid(format!("more than {MAX_SIGNATURES} signatures")));
    }
    let mut signers = Vec::with_capacity(signatures.len());
    for (n, signature) in signatures.iter().enumerate() {
        // A signature inside of what is signed would be left out of it.
        if signature.parent() != Some(*root) {
            return Err(Error::invalid("a signature that does not stand at the top of the document"));
        }
        signers.push(verify_one(text, n, *signature).map_err(|e| e.at(format!("signature {}", n + 1)))?);
    }
    Ok(signers)
}

fn verify_one(text: &str, n: usize, signature: Node) -> Result<Vec<u8>> {
    let info = one(signature, "SignedInfo")?;
    let method = algorithm(one(info, "CanonicalizationMethod")?);
    if method != C14N {
        return Err(unread("canonicalization", method));
    }
    let references: Vec<Node> = info.children().filter(|c| c.has_tag_name((DS, "Reference"))).collect();
    if references.is_empty() {
        return Err(Error::invalid("it refers to nothing"));
    }
    for reference in references {
        check_reference(text, n, reference)?;
    }
    let certificate = one(one(one(signature, "KeyInfo")?, "X509Data")?, "X509Certificate")?;
    let certificate = decode(certificate.text())?;
    let signed = canonical(text, Part::SignedInfo(n))?;
    let value = decode(one(signature, "SignatureValue")?.text())?;
    let value =
        Signature::try_from(value.as_slice()).map_err(|_| Error::invalid("its value is not a signature"))?;
    let key = public_key(&certificate)?;
    let method = algorithm(one(info, "SignatureMethod")?);
    let verdict = match method {
        RSA_SHA512 => VerifyingKey::<Sha512>::new(key).verify(&signed, &value),
        RSA_SHA256 => VerifyingKey::<Sha256>::new(key).verify(&signed, &value),
        _ => return Err(unread("signature", method)),
    };
    verdict.map_err(|_| Error::invalid("it does not fit its certificate"))?;
    Ok(certificate)
}

fn check_reference(text: &str, n: usize, reference: Node) -> Result<()> {
    let transforms = reference.children().filter(|c| c.has_tag_name((DS, "Transforms")));
    let transforms = transforms.flat_map(|t| t.children().filter(Node::is_element));
    let transforms: Vec<&str> = transforms.map(algorithm).collect();
    if let Some(other) = transforms.iter().find(|t| **t != ENVELOPED && **t != C14N) {
        return Err(unread("transform", other));
    }
    let part = match reference.attribute("URI") {
        Some("") if transforms.contains(&ENVELOPED) => Part::AllBut(n),
        Some(uri) => match uri.strip_prefix('#').filter(|id| !id.is_empty()) {
            Some(id) => Part::Id(id),
            None => return Err(unread("reference", uri)),
        },
        None => return Err(unread("reference", "")),
    };
    let bytes = canonical(text, part)?;
    let method = algorithm(one(reference, "DigestMethod")?);
    let digest = match method {
        SHA512 => Sha512::digest(&bytes).to_vec(),
        SHA256 => Sha256::digest(&bytes).to_vec(),
        _ => return Err(unread("digest", method)),
    };
    if decode(one(reference, "DigestValue")?.text())? != digest {
        return Err(Error::invalid("what it signs was altered"));
    }
    Ok(())
}

/// A part of the document.
enum Part<'a> {
    /// The `SignedInfo` of a signature, by its number.
    SignedInfo(usize),
    /// The element with this id, of which there is one.
    Id(&'a str),
    /// The whole document without one signature.
    AllBut(usize),
}

/// Canonical XML 1.0 of a part.
fn canonical(text: &str, part: Part) -> Result<Vec<u8>> {
    let wrong = |e: &dyn std::fmt::Display| Error::invalid(format!("it cannot be checked: {e}"));
    let gone = || Error::invalid("what it signs is not in the document");
    let xml = XmlDocument::parse(text.to_owned()).map_err(|e| wrong(&e))?;
    let document = xml.parse_doc().map_err(|e| wrong(&e))?;
    let tree = |id| NodeSet::tree_without_comments(id, &document);
    let find = |name: &str, n: usize| {
        XmlDocument::find_elements(&document, DS, name).get(n).copied().ok_or_else(gone)
    };
    let set = match part {
        Part::SignedInfo(n) => tree(find("SignedInfo", n)?),
        Part::AllBut(n) => NodeSet::all_without_comments(&document).subtract(&tree(find("Signature", n)?)),
        Part::Id(id) => {
            let ids = xml.build_id_map(&document).map_err(|e| wrong(&e))?;
            tree(ids.get(id).copied().ok_or_else(gone)?)
        }
    };
    let none: [&str; 0] = [];
    canonicalize_doc(&document, C14nMode::Inclusive, Some(&set), &none).map_err(|e| wrong(&e))
}

fn one<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Result<Node<'a, 'i>> {
    let mut found = node.children().filter(|child| child.has_tag_name((DS, name)));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(Error::invalid(format!("it must have one {name}"))),
    }
}

fn algorithm<'a>(node: Node<'a, '_>) -> &'a str {
    node.attribute("Algorithm").unwrap_or_default()
}

fn unread(what: &str, found: &str) -> Error {
    Error::unsupported(format!("a {what} that is not checked here: {found:?}"))
}
