//! Forges small MP4 files, right and wrong ones.

use crate::bits::unescape;

pub fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u32 + 8).to_be_bytes(), kind.as_slice(), &body].concat()
}

pub fn full(kind: &[u8; 4], version: u8, flags: u32, parts: &[&[u8]]) -> Vec<u8> {
    let head = (version as u32) << 24 | flags;
    atom(kind, &[&head.to_be_bytes(), &parts.concat()])
}

/// Numbers as the big-endian words of a table.
pub fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// A table: its count, then its words.
pub fn table(count: u32, numbers: &[u32]) -> Vec<u8> {
    [count.to_be_bytes().to_vec(), words(numbers)].concat()
}

/// Parameter sets of x264 for 320x180: 4 bits of frame number, both of id 0.
pub const AVCC: &str =
    "0164000cffe100186764000cacd941419f9f011000003e90000bb800f142996001000468efbcb0fdf8f800";

pub fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).expect("hexadecimal"))
        .collect()
}

pub fn video_entry(kind: &[u8; 4], children: &[&[u8]]) -> Vec<u8> {
    let mut fields = [0u8; 78];
    fields[7] = 1;
    fields[24..28].copy_from_slice(&[1, 64, 0, 180]);
    atom(kind, &[&fields, &children.concat()])
}

pub fn avc_entry() -> Vec<u8> {
    video_entry(b"avc1", &[&atom(b"avcC", &[&hex(AVCC)])])
}

/// AAC-LC, stereo, 48 kHz.
pub fn aac_entry() -> Vec<u8> {
    audio_entry(&[0x11, 0x90])
}

/// `mp4a` with an `AudioSpecificConfig`.
pub fn audio_entry(config: &[u8]) -> Vec<u8> {
    atom(b"mp4a", &[&audio_fields(0), &esds(config)])
}

/// Stereo at 48 kHz, in QuickTime's version 0 or 1.
pub fn audio_fields(version: u8) -> Vec<u8> {
    let mut fields = vec![0u8; if version == 0 { 28 } else { 44 }];
    fields[7] = 1;
    fields[9] = version;
    fields[17] = 2;
    fields[24..26].copy_from_slice(&48000u16.to_be_bytes());
    fields
}

pub fn esds(config: &[u8]) -> Vec<u8> {
    let specific = [&[5, config.len() as u8], config].concat();
    let decoder = [&[4, 13 + specific.len() as u8, 0x40, 0x15][..], &[0; 11], &specific].concat();
    let stream = [&[3, 3 + decoder.len() as u8, 0, 1, 0][..], &decoder].concat();
    full(b"esds", 0, 0, &[&stream])
}

/// A sample of one slice NAL unit behind its length.
pub fn picture(idr: Option<u32>) -> Vec<u8> {
    // first_mb_in_slice 0, slice_type 7, pic_parameter_set_id 0, frame_num 0 in four bits.
    let mut bits = "1".to_owned() + "0001000" + "1" + "0000";
    if let Some(id) = idr {
        let code = id + 1;
        let length = 32 - code.leading_zeros() as usize;
        bits += &"0".repeat(length - 1);
        bits += &format!("{code:b}");
    }
    bits += "1000000000000000";
    let bytes = bits.as_bytes().chunks_exact(8).map(|b| b.iter().fold(0, |n, c| n << 1 | (c - b'0')));
    let mut nal = vec![if idr.is_some() { 0x65 } else { 0x41 }];
    nal.extend(bytes);
    assert_eq!(unescape(&nal, 100), nal, "nothing to escape");
    [&(nal.len() as u32).to_be_bytes()[..], &nal].concat()
}

/// One track and its tables; change a field to forge another file.
pub struct Forge {
    pub handler: [u8; 4],
    pub timescale: u32,
    pub entries: Vec<Vec<u8>>,
    pub samples: Vec<Vec<u8>>,
    pub stts: Vec<u8>,
    pub ctts: Option<Vec<u8>>,
    pub stss: Option<Vec<u8>>,
    pub stsc: Vec<u8>,
    pub sizes: Option<Vec<u8>>,
    pub chunks: Option<Vec<u8>>,
    pub edits: Option<Vec<u8>>,
    /// More children of `mdia`, `moov` and of the file.
    pub mdia: Vec<u8>,
    pub moov: Vec<u8>,
    pub tail: Vec<u8>,
}

impl Forge {
    /// Pictures of 512 ticks at 12,800 a second, all sync, in one chunk.
    pub fn video(samples: Vec<Vec<u8>>) -> Forge {
        let count = samples.len() as u32;
        Forge {
            handler: *b"vide",
            timescale: 12800,
            entries: vec![avc_entry()],
            stts: full(b"stts", 0, 0, &[&table(1, &[count, 512])]),
            ctts: None,
            stss: None,
            stsc: full(b"stsc", 0, 0, &[&table(1, &[1, count.max(1), 1])]),
            sizes: None,
            chunks: None,
            edits: None,
            mdia: Vec::new(),
            moov: Vec::new(),
            tail: Vec::new(),
            samples,
        }
    }

    /// Packets of AAC.
    pub fn audio(durations: &[u32]) -> Forge {
        let rows: Vec<u32> = durations.iter().flat_map(|d| [1, *d]).collect();
        Forge {
            handler: *b"soun",
            timescale: 48000,
            entries: vec![aac_entry()],
            stts: full(b"stts", 0, 0, &[&table(durations.len() as u32, &rows)]),
            ..Forge::video(durations.iter().map(|_| vec![0x21; 9]).collect())
        }
    }

    /// Edits as (duration in thousandths of a second, media time).
    pub fn edits(mut self, edits: &[(u32, i32)]) -> Forge {
        let rows: Vec<u32> =
            edits.iter().flat_map(|(length, from)| [*length, *from as u32, 0x10000]).collect();
        self.edits = Some(atom(b"edts", &[&full(b"elst", 0, 0, &[&table(edits.len() as u32, &rows)])]));
        self
    }

    pub fn file(&self) -> Vec<u8> {
        let ftyp = atom(b"ftyp", &[b"none\0\0\0\0"]);
        let mdat = atom(b"mdat", &[&self.samples.concat()]);
        [ftyp.as_slice(), &mdat, &self.moov_box(ftyp.len() as u32 + 8), &self.tail].concat()
    }

    pub fn moov_box(&self, data: u32) -> Vec<u8> {
        let sizes: Vec<u32> = self.samples.iter().map(|s| s.len() as u32).collect();
        let stsz = full(b"stsz", 0, 0, &[&[0; 4], &table(sizes.len() as u32, &sizes)]);
        let stco = full(b"stco", 0, 0, &[&table(1, &[data])]);
        let empty = Vec::new();
        let stbl = atom(
            b"stbl",
            &[
                &full(b"stsd", 0, 0, &[&(self.entries.len() as u32).to_be_bytes(), &self.entries.concat()]),
                &self.stts,
                self.ctts.as_ref().unwrap_or(&empty),
                self.stss.as_ref().unwrap_or(&empty),
                &self.stsc,
                self.sizes.as_ref().unwrap_or(&stsz),
                self.chunks.as_ref().unwrap_or(&stco),
            ],
        );
        let mdia = atom(
            b"mdia",
            &[
                &full(b"mdhd", 0, 0, &[&words(&[0, 0, self.timescale, 0]), &[0x15, 0xc7, 0, 0]]),
                &full(b"hdlr", 0, 0, &[&[0; 4], &self.handler, &[0; 13]]),
                &self.mdia,
                &atom(b"minf", &[&stbl]),
            ],
        );
        let matrix = words(&[0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000]);
        let trak = atom(
            b"trak",
            &[
                &full(
                    b"tkhd",
                    0,
                    7,
                    &[&words(&[0, 0, 1, 0, 0, 0, 0, 0, 0]), &matrix, &words(&[320 << 16, 180 << 16])],
                ),
                self.edits.as_ref().unwrap_or(&empty),
                &mdia,
            ],
        );
        let mvhd = full(
            b"mvhd",
            0,
            0,
            &[&words(&[0, 0, 1000, 0, 0x10000, 0x100_0000, 0, 0]), &matrix, &[0; 24], &words(&[2])],
        );
        atom(b"moov", &[&mvhd, &trak, &self.moov])
    }
}
