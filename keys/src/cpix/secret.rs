//! Values that are encrypted for recipients: AES-256-CBC under a document key, with a MAC, both keys
//! encrypted by RSA-OAEP for each recipient (§DeliveryData; XML Encryption; RFC 6030 for the MAC).

use aes::Aes256;
use aes::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use media::{Error, Result};
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::rand_core::CryptoRng;
use rsa::{Oaep, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::Sha512;
use x509_cert::Certificate;
use x509_cert::der::Decode;

const BLOCK: usize = 16;

/// One of those for whom the values of a document are encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// DER.
    pub certificate: Vec<u8>,
    /// The document key, encrypted.
    pub document_key: Vec<u8>,
    /// The key of the MACs, encrypted.
    pub mac_key: Vec<u8>,
}

/// The two keys of a document.
pub struct Secrets {
    document_key: [u8; 32],
    mac_key: Vec<u8>,
}

/// The RSA key in a certificate. Nothing else of the certificate is checked: who is trusted is an
/// operator's choice, made by naming the certificate.
pub fn public_key(certificate: &[u8]) -> Result<RsaPublicKey> {
    let wrong = |what: &str| Error::invalid(format!("the certificate cannot be used: {what}"));
    let certificate = Certificate::from_der(certificate).map_err(|e| wrong(&e.to_string()))?;
    let key = certificate.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
    RsaPublicKey::from_pkcs1_der(key).map_err(|_| wrong("its key is not an RSA key"))
}

/// Opens the keys of a document for the recipient with a private key (PKCS#8, DER).
pub fn open(recipients: &[Recipient], private_key: &[u8]) -> Result<Secrets> {
    let private = RsaPrivateKey::from_pkcs8_der(private_key)
        .map_err(|_| Error::invalid("the private key is not an RSA key in PKCS#8"))?;
    let ours = RsaPublicKey::from(&private);
    let recipient = recipients
        .iter()
        .find(|recipient| public_key(&recipient.certificate).is_ok_and(|key| key == ours))
        .ok_or_else(|| Error::not_found("the document is not for the holder of this private key"))?;
    let open = |cipher: &[u8]| {
        private
            .decrypt(Oaep::<Sha1>::new(), cipher)
            .map_err(|_| Error::invalid("a key of the document does not open with this private key"))
    };
    let document_key = open(&recipient.document_key)?;
    Ok(Secrets {
        document_key: document_key
            .try_into()
            .map_err(|_| Error::invalid("the document key does not have 32 bytes"))?,
        mac_key: open(&recipient.mac_key)?,
    })
}

impl Secrets {
    pub fn new(document_key: [u8; 32], mac_key: [u8; 64]) -> Secrets {
        Secrets { document_key, mac_key: mac_key.to_vec() }
    }

    /// The keys for a recipient.
    pub fn seal_for(&self, certificate: &[u8], random: &mut impl CryptoRng) -> Result<Recipient> {
        let key = public_key(certificate)?;
        let mut seal = |secret: &[u8]| {
            key.encrypt(random, Oaep::<Sha1>::new(), secret)
                .map_err(|e| Error::invalid(format!("the recipient's key is of no use: {e}")))
        };
        let (document_key, mac_key) = (seal(&self.document_key)?, seal(&self.mac_key)?);
        Ok(Recipient { certificate: certificate.to_vec(), document_key, mac_key })
    }

    /// A key as a document carries it: IV and cipher text, and their MAC.
    pub fn encrypt(&self, key: &[u8; 16], iv: [u8; 16]) -> (Vec<u8>, Vec<u8>) {
        // A whole block of padding follows the one block of the key (XML Encryption §5.2).
        let mut text = [BLOCK as u8; 2 * BLOCK];
        text[..BLOCK].copy_from_slice(key);
        let mut chain = cbc::Encryptor::<Aes256>::new(&self.document_key.into(), &iv.into());
        let (blocks, _) = Block::<Aes256>::slice_as_chunks_mut(&mut text);
        chain.encrypt_blocks(blocks);
        let cipher = [&iv[..], &text].concat();
        let mac = self.mac(&cipher).finalize().into_bytes().to_vec();
        (cipher, mac)
    }

    /// The key in a value whose MAC is right.
    pub fn decrypt(&self, cipher: &[u8], mac: Option<&[u8]>) -> Result<[u8; 16]> {
        let mac = mac.ok_or_else(|| Error::invalid("the encrypted value has no MAC"))?;
        self.mac(cipher).verify_slice(mac).map_err(|_| {
            Error::invalid("the MAC of the encrypted value is wrong: it was altered on its way")
        })?;
        let (iv, text) =
            cipher.split_first_chunk::<BLOCK>().ok_or_else(|| Error::invalid("the value is too short"))?;
        let mut text: [u8; 2 * BLOCK] =
            text.try_into().map_err(|_| Error::invalid("the value does not hold a key of sixteen bytes"))?;
        let mut chain = cbc::Decryptor::<Aes256>::new(&self.document_key.into(), &(*iv).into());
        let (blocks, _) = Block::<Aes256>::slice_as_chunks_mut(&mut text);
        chain.decrypt_blocks(blocks);
        let (key, padding) = text.split_at(BLOCK);
        // Only the last byte of the padding says anything (XML Encryption §5.2).
        if padding.last() != Some(&(BLOCK as u8)) {
            return Err(Error::invalid("the value does not hold a key of sixteen bytes"));
        }
        Ok(std::array::from_fn(|n| key[n]))
    }

    fn mac(&self, cipher: &[u8]) -> Hmac<Sha512> {
        let mut mac = Hmac::<Sha512>::new_from_slice(&self.mac_key).expect("HMAC takes keys of every length");
        mac.update(cipher);
        mac
    }
}
