//! The gate where a contract leaves edits to the licensor: what it consented to, and what it was told.

use expect_test::expect;
use media::Result;
use policy::avail::consent::{About, ConsentGiven, ConsentWithdrawn, Edit, NoticeGiven};
use policy::pack::duty::{Change, Kind};
use policy::rating::{CompositionChanged, Given, LabelDecided, Notified, TitlesNotified};
use policy::refusal::Rule;
use policy::{Act, Answer, Applied, AvailId, Pass, Question, Refusal, decide};

use super::house::{House, instant, sealed, territory};
use super::lawful::{dealing, grown_up, house, said};

impl House {
    fn about(&self, title: &str, edit: Edit) -> About {
        About {
            avail: AvailId::new("L", &format!("a-{title}")),
            title: title.into(),
            edit,
            territories: None,
        }
    }
    pub fn notify_licensor(&mut self, title: &str, edit: Edit, sent: &str) -> Result<Applied> {
        let about = self.about(title, edit);
        let act = NoticeGiven { about, sent: instant(sent), letter: sealed("letter") };
        self.decide("op-1", Act::NoticeGiven(act))
    }
    pub fn consent(&mut self, about: About, from: &str, until: Option<&str>) -> Result<Applied> {
        let (from, until, letter) = (instant(from), until.map(instant), sealed("letter"));
        self.decide("op-1", Act::ConsentGiven(ConsentGiven { about, from, until, letter }))
    }
    pub fn end_consent(&mut self, about: About) -> Result<Applied> {
        let reason = sealed("why");
        self.decide("op-1", Act::ConsentWithdrawn(ConsentWithdrawn { about, reason }))
    }
    /// What is said of a version of `film`, but for its label, which it has not.
    fn edit_refusals(&self, version: &composition::Composition) -> Vec<Refusal> {
        let viewer = grown_up();
        let answer = self.asks("VN", "film", &viewer, |question| {
            decide(&self.state, &self.packs, &Question { composition: Some(version), ..question.clone() })
        });
        let Answer::Refused(refusals) = answer else { return Vec::new() };
        refusals.into_iter().filter(|refusal| !refusal.rule.is_legal()).collect()
    }
    /// Gives the cut version its label, of which the ministry is told.
    fn label_cut(&mut self) {
        let (title, composition, label) = ("film".to_string(), self.cut().digest(), "T16".to_string());
        let given = Given { composition, ..self.given("VN", "film", "T16", &[]) };
        let (work, how) = (Kind::Film, "software".into());
        let decided = LabelDecided { given, work, how, without: Vec::new(), shows: Vec::new(), reason: None };
        self.decide("rater-1", Act::LabelDecided(decided)).unwrap();
        let told = TitlesNotified {
            territory: territory("VN"),
            to: "MCST".into(),
            sent: self.now,
            list: sealed("list"),
            receipt: None,
            titles: vec![Notified { title, composition, label }],
        };
        self.decide("op-1", Act::TitlesNotified(told)).unwrap();
    }
    fn pass_of_cut(&self) -> Pass {
        let (cut, viewer) = (self.cut(), grown_up());
        let answer = self.asks("VN", "film", &viewer, |question| {
            decide(&self.state, &self.packs, &Question { composition: Some(&cut), ..question.clone() })
        });
        match answer {
            Answer::Pass(pass) => pass,
            Answer::Refused(refusals) => panic!("{refusals:?}"),
        }
    }
    fn cut(&self) -> composition::Composition {
        let (whole, source) = (self.whole("film"), self.films["film"].0.source);
        composition::evaluate(&whole, &[composition::Edit::Cut { source, from: 100, to: 200 }]).unwrap()
    }
}

#[test]
fn a_consent_is_for_one_version_in_its_territories_from_its_day_until_it_ends() {
    let mut house = house();
    let cut = house.cut();
    house.license("film", &[&dealing(r#""may_edit":"with-consent","tell":"rights@studio.example""#)]);
    let refusals = house.edit_refusals(&cut);
    expect!["ConsentMissing: The contract allows an edited version of “film” in VN only with the licensor's consent, and none is recorded for this version. It plays once the consent of L to this version is recorded, or nothing has to be edited.\n"].assert_eq(&said(&refusals));
    // The film as it is, is no edit, though a card was taken off another version to have it.
    let (composition, from, changes) = (house.whole("film").digest(), cut.digest(), vec![Change::Card]);
    let changed = CompositionChanged { title: "film".into(), composition, from, changes };
    house.decide("op-1", Act::CompositionChanged(changed)).unwrap();
    assert_eq!(house.edit_refusals(&house.whole("film")), []);
    let of_cut = house.about("film", Edit::Composition(cut.digest()));
    // Of another avail, another title, and an edit of which nothing was said.
    let other = About { avail: AvailId::new("M", "a-film"), ..of_cut.clone() };
    assert!(house.consent(other, "2026-07-11 00:00", None).is_err());
    assert!(
        house.consent(About { title: "other".into(), ..of_cut.clone() }, "2026-07-11 00:00", None).is_err()
    );
    assert!(house.end_consent(of_cut.clone()).is_err());
    // In Korea alone it says nothing about Vietnam; nor does one to whatever is ordered about this.
    let korean = Some(policy::avail::Territories::new([territory("KR")], []).unwrap());
    let in_korea = About { territories: korean.clone(), ..of_cut.clone() };
    house.consent(in_korea.clone(), "2026-07-01 00:00", None).unwrap();
    house.consent(house.about("film", Edit::OnOrder), "2026-07-01 00:00", None).unwrap();
    assert_eq!(house.edit_refusals(&cut), refusals);

    let give =
        |house: &mut House| house.consent(of_cut.clone(), "2026-07-11 00:00", Some("2026-07-20 00:00"));
    assert_eq!(give(&mut house).unwrap(), Applied::Changed);
    assert_eq!(give(&mut house).unwrap(), Applied::Same);
    assert_eq!(house.edit_refusals(&cut), refusals);
    house.now = instant("2026-07-11 00:00");
    assert_eq!(house.edit_refusals(&cut), []);
    house.label_cut();
    let pass = house.pass_of_cut();
    assert_eq!(pass.expires(), Some(instant("2026-07-20 00:00")));
    house.now = instant("2026-07-20 00:00");
    assert_eq!(house.edit_refusals(&cut), refusals);
    house.now = instant("2026-07-12 00:00");
    // Taken back for Korea it still counts here; taken back for everywhere it does not, and may be given again.
    house.end_consent(in_korea).unwrap();
    assert_eq!(house.edit_refusals(&cut), []);
    assert_eq!(house.end_consent(of_cut.clone()).unwrap(), Applied::Changed);
    assert_eq!(house.end_consent(of_cut.clone()).unwrap(), Applied::Same);
    assert_eq!(house.edit_refusals(&cut), refusals);
    assert_eq!(give(&mut house).unwrap(), Applied::Changed);
    assert_eq!(house.edit_refusals(&cut), []);
    // An order on it is another matter, to which the licensor consented above.
    house.place(CUT_HERE);
    assert_eq!(house.edit_refusals(&cut), []);
    house.end_consent(house.about("film", Edit::OnOrder)).unwrap();
    assert_eq!(house.edit_refusals(&cut).iter().map(|r| r.rule).collect::<Vec<_>>(), [Rule::ConsentMissing]);
    // A contract that leaves nothing to consent is not opened by one.
    house.license("film", &[&dealing(r#""may_edit":"on-order""#)]);
    assert_eq!(house.edit_refusals(&cut).iter().map(|r| r.rule).collect::<Vec<_>>(), [Rule::EditNotLicensed]);
    // With its avail a consent ends.
    let avails = vec![of_cut.avail.clone()];
    house.decide("op-1", Act::AvailsRemoved { document: None, avails }).unwrap();
    house.license("film", &[&dealing(r#""may_edit":"with-consent""#)]);
    assert_eq!(house.edit_refusals(&cut).iter().map(|r| r.rule).collect::<Vec<_>>(), [Rule::ConsentMissing]);
    house.check_refold();
}

#[test]
fn a_licensor_is_told_by_the_contracts_deadline() {
    let mut house = house();
    let cut = house.cut();
    let of_cut = Edit::Composition(cut.digest());
    house.license("film", &[&dealing(r#""may_edit":"with-notice","tell_before":"P3D""#)]);
    assert_eq!(house.edit_refusals(&cut)[0].until, None);
    house.notify_licensor("film", of_cut, "2026-07-09 12:00").unwrap();
    let refusals = house.edit_refusals(&cut);
    assert_eq!(refusals[0].until, Some(instant("2026-07-12 12:00")));
    expect!["NoticeMissing: The contract allows an edited version of “film” in VN only once the licensor was told in time, and there is no such notice of this version. It plays once L was told of this version and the time of notice has passed, or nothing has to be edited. The notice that was given counts from 2026-07-12T05:00:00Z.\n"].assert_eq(&said(&refusals));
    house.now = instant("2026-07-12 12:00");
    assert_eq!(house.edit_refusals(&cut), []);
    house.end_consent(house.about("film", of_cut)).unwrap();
    assert_eq!(house.edit_refusals(&cut).len(), 1);
    // Within three days after it first plays: the time runs from when the version was made.
    house.license("film", &[&dealing(r#""may_edit":"with-notice","tell_before":"-P3D""#)]);
    assert_eq!(house.edit_refusals(&cut).len(), 1);
    let from = house.whole("film").digest();
    let (title, composition, changes) = ("film".into(), cut.digest(), vec![Change::Cut]);
    let changed = CompositionChanged { title, composition, from, changes };
    house.decide("op-1", Act::CompositionChanged(changed)).unwrap();
    assert_eq!(house.edit_refusals(&cut), []);
    house.label_cut();
    assert_eq!(house.pass_of_cut().expires(), Some(instant("2026-07-15 12:00")));
    house.now = instant("2026-07-15 12:00");
    assert_eq!(house.edit_refusals(&cut).len(), 1);
    house.notify_licensor("film", of_cut, "2026-07-15 12:00").unwrap();
    assert_eq!(house.edit_refusals(&cut), []);
    // What an order holds back of it must be told too.
    house.place(CUT_HERE);
    assert_eq!(house.edit_refusals(&cut), []);
    house.now = instant("2026-07-18 12:00");
    assert_eq!(house.edit_refusals(&cut)[0].rule, Rule::NoticeMissing);
    house.notify_licensor("film", Edit::OnOrder, "2026-07-18 12:00").unwrap();
    assert_eq!(house.edit_refusals(&cut), []);
}

/// An order on a scene that the whole film and its cut show.
const CUT_HERE: &str = r#"{"authority": "A", "number": "1", "date": "2026-07-10", "legal_basis": "B", "territories": ["VN"],
    "work": {"title": "film"}, "scope": "00:30", "operation": "cut"}"#;
