//! Languages in three letters, as `mdhd` wants them (ISO/IEC 14496-12 §8.4.2).

/// ISO 639-1 code and ISO 639-2/T code, five letters an entry, in order of the first.
const CODES: &str = "\
    aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel bgbul bhbih \
    bibis bmbam bnben bobod brbre bsbos cacat ceche chcha cocos crcre csces cuchu cvchv cycym dadan \
    dedeu dvdiv dzdzo eeewe elell eneng eoepo esspa etest eueus fafas ffful fifin fjfij fofao frfra \
    fyfry gagle gdgla glglg gngrn guguj gvglv hahau heheb hihin hohmo hrhrv hthat huhun hyhye hzher \
    iaina idind ieile igibo iiiii ikipk ioido isisl itita iuiku jajpn jvjav kakat kgkon kikik kjkua \
    kkkaz klkal kmkhm knkan kokor krkau kskas kukur kvkom kwcor kykir lalat lbltz lglug lilim lnlin \
    lolao ltlit lulub lvlav mgmlg mhmah mimri mkmkd mlmal mnmon mrmar msmsa mtmlt mymya nanau nbnob \
    ndnde nenep ngndo nlnld nnnno nonor nrnbl nvnav nynya ococi ojoji omorm orori ososs papan pipli \
    plpol pspus ptpor quque rmroh rnrun roron rurus rwkin sasan scsrd sdsnd sesme sgsag sisin skslk \
    slslv smsmo snsna sosom sqsqi srsrp ssssw stsot susun svswe swswa tatam tetel tgtgk ththa titir \
    tktuk tltgl tntsn toton trtur tstso tttat twtwi tytah uguig ukukr ururd uzuzb veven vivie vovol \
    wawln wowol xhxho yiyid yoyor zazha zhzho zuzul";

/// ISO 639-2/T of "undetermined".
const UNDETERMINED: [u8; 3] = *b"und";

/// The 16 bits of `mdhd`: a zero bit, then three letters of five bits each, each less 0x60.
///
/// `tag` is BCP-47. A primary subtag that has no three-letter code is written as `und`; the whole
/// tag stands in `elng` beside it.
pub fn pack(tag: &str) -> u16 {
    letters(tag).into_iter().fold(0, |packed, letter| packed << 5 | u16::from(letter - 0x60))
}

fn letters(tag: &str) -> [u8; 3] {
    let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let primary = primary.as_bytes();
    if !primary.iter().all(u8::is_ascii_lowercase) {
        return UNDETERMINED;
    }
    match *primary {
        [a, b] => CODES
            .split_ascii_whitespace()
            .map(str::as_bytes)
            .find_map(|entry| entry.starts_with(&[a, b]).then(|| [entry[2], entry[3], entry[4]]))
            .unwrap_or(UNDETERMINED),
        [a, b, c] => [a, b, c],
        _ => UNDETERMINED,
    }
}
