//! A large house under law and contracts, invented and always the same: titles with labels, windows and
//! orders, in many territories with packs.

use std::sync::Arc;

use composition::{Composition, Span};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use media::{Digest, Error, Result};
use policy::avail::{Avail, AvailId, Times, Window};
use policy::browse::{Offer, Shelf};
use policy::gate::{Entitlement, Paid};
use policy::label::Watcher;
use policy::pack::duty::Kind;
use policy::rating::{Given, LabelOfRegulator, MAX_NOTIFIED, Notified, TitlesNotified};
use policy::readiness::{Declared, Opened, Overridden};
use policy::{Act, Decision, Device, Film, Order, Packs, Sealed, Staff, State, Territory, Viewer};

/// The labels of the pack by rising age: for everyone, under 13 in company, from 13, from 16, from 18, for no
/// one.
pub const LABELS: [&str; 6] = ["P", "K", "T13", "T16", "T18", "C"];
pub const LICENCES: [&str; 3] = ["SVOD", "EST", "VOD"];

pub struct House {
    pub packs: Packs,
    pub state: State,
    pub territories: Vec<Territory>,
    pub titles: Vec<Title>,
    /// Title and from when until when the order withdraws it, in every territory.
    pub ordered: Vec<(usize, Timestamp, Timestamp)>,
    pub avails: Vec<Avail>,
    pub labels: Vec<Vec<u8>>,
}

pub struct Title {
    pub id: String,
    pub composition: Arc<Composition>,
    pub films: Vec<Film>,
}

/// An instant in the middle of everything.
pub fn noon() -> Result<Timestamp> {
    "2026-07-15T05:00:00Z".parse().map_err(|_| Error::internal("no instant"))
}

/// Numbers that look random and are the same in every run (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }
}

impl House {
    pub fn new(titles: usize, territories: usize, orders: usize) -> Result<House> {
        let territories: Vec<Territory> = Territory::all().step_by(3).take(territories).collect();
        let texts: Vec<String> = territories.iter().map(|territory| pack(*territory)).collect();
        let named: Vec<(&str, &str)> = texts.iter().map(|text| ("pack", text.as_str())).collect();
        let mut house = House {
            packs: Packs::read(named)?,
            state: State::default(),
            territories,
            titles: (0..titles).map(title).collect::<Result<_>>()?,
            ordered: Vec::new(),
            avails: Vec::new(),
            labels: Vec::new(),
        };
        house.open()?;
        house.license()?;
        house.rate()?;
        house.notify()?;
        house.order(orders)?;
        Ok(house)
    }

    fn decide(&mut self, act: Act) -> Result<()> {
        let decision = decision(act)?;
        self.state.apply(&decision).map(drop)
    }

    fn open(&mut self) -> Result<()> {
        for territory in self.territories.clone() {
            let kinds = vec![Kind::Film];
            self.decide(Act::TerritoryDeclared(Declared { territory, domestic: true, kinds }))?;
            let pack = self.packs.get(territory).ok_or_else(|| Error::internal("no pack"))?;
            let rules: Vec<String> =
                self.state.readiness(pack, founded()?).into_iter().map(|item| item.rule).collect();
            for rule in rules {
                self.decide(Act::ItemOverridden(Overridden {
                    territory,
                    rule,
                    reason: sealed(),
                    until: None,
                }))?;
            }
            self.decide(Act::TerritoryOpened(Opened { territory }))?;
        }
        Ok(())
    }

    /// Three windows for each title, in every territory by its own clocks.
    fn license(&mut self) -> Result<()> {
        let codes: Vec<String> = self.territories.iter().map(|t| format!("{:?}", t.code())).collect();
        let codes = codes.join(",");
        let mut dice = Dice::new(1);
        for n in 0..self.titles.len() {
            let windows: Vec<Window> =
                LICENCES.iter().map(|licence| window(&codes, licence, &mut dice)).collect::<Result<_>>()?;
            let id = self.titles[n].id.clone();
            let avail = Avail {
                id: AvailId::new("studio", &format!("alid-{n}")),
                names: vec![id],
                parents: Vec::new(),
                bundle: Vec::new(),
                windows,
            };
            self.avails.push(avail.clone());
            self.decide(Act::AvailsEntered { document: None, avails: vec![avail] })?;
        }
        Ok(())
    }

    fn rate(&mut self) -> Result<()> {
        let mut dice = Dice::new(2);
        for n in 0..self.titles.len() {
            let mut labels = Vec::new();
            for territory in self.territories.clone() {
                // One in a hundred is banned.
                let label = if dice.below(100) == 0 { 5 } else { dice.below(5) };
                labels.push(label as u8);
                self.decide(Act::LabelOfRegulator(LabelOfRegulator {
                    given: Given {
                        title: self.titles[n].id.clone(),
                        territory,
                        composition: self.titles[n].composition.digest(),
                        label: LABELS[label].into(),
                        descriptors: Vec::new(),
                    },
                    work: Kind::Film,
                    authority: "Board".into(),
                    number: n.to_string(),
                    date: date(2025, 1, 1),
                    letter: None,
                }))?;
            }
            self.labels.push(labels);
        }
        Ok(())
    }

    /// The ministry is told of every title before it first plays.
    fn notify(&mut self) -> Result<()> {
        for (n, territory) in self.territories.clone().into_iter().enumerate() {
            for from in (0..self.titles.len()).step_by(MAX_NOTIFIED) {
                let line = |at: usize| Notified {
                    title: self.titles[at].id.clone(),
                    composition: self.titles[at].composition.digest(),
                    label: LABELS[self.labels[at][n] as usize].into(),
                };
                let titles = (from..self.titles.len().min(from + MAX_NOTIFIED)).map(line).collect();
                let (to, sent, list) = ("MCST".into(), founded()?, sealed());
                let told = TitlesNotified { territory, to, sent, list, receipt: None, titles };
                self.decide(Act::TitlesNotified(told))?;
            }
        }
        Ok(())
    }

    fn order(&mut self, orders: usize) -> Result<()> {
        let step = (self.titles.len() / orders.max(1)).max(1);
        let mut dice = Dice::new(3);
        for n in 0..orders.min(self.titles.len()) {
            let day = 1 + dice.below(28);
            let start: Timestamp =
                format!("2026-07-{day:02}T00:00:00Z").parse().map_err(|_| Error::internal("no instant"))?;
            let until = start + jiff::SignedDuration::from_hours(24 * 14);
            self.ordered.push((n * step, start, until));
            let order = self.order_of(&self.titles[n * step].id, &n.to_string(), start, until)?;
            self.decide(placed(order))?;
        }
        Ok(())
    }

    /// An order that withdraws a title everywhere.
    pub fn order_of(&self, title: &str, number: &str, start: Timestamp, until: Timestamp) -> Result<Order> {
        let codes: Vec<&str> = self.territories.iter().map(Territory::code).collect();
        let json = serde_json::json!({
            "authority": "Board", "number": number, "date": "2026-07-01", "legal_basis": "Article 1",
            "territories": codes, "work": {"title": title}, "scope": "whole", "operation": "withdraw",
            "start": start.to_string(), "until": until.to_string()
        });
        Order::read(&json.to_string(), &self.packs)
    }

    /// Every title on one shelf, judged in every territory.
    pub fn shelf(&self, now: Timestamp) -> Shelf {
        let offer = |title: &Title| Offer {
            title: title.id.clone(),
            composition: title.composition.clone(),
            made_from: None,
            films: title.films.clone(),
        };
        let (offers, packs) = (self.titles.iter().map(offer).collect(), Arc::new(self.packs.clone()));
        Shelf::new(self.state.clone(), packs, self.territories.iter().copied(), offers, now)
    }

    /// When the windows of a title are open in a territory.
    pub fn times(&self, title: usize, territory: Territory) -> Vec<Times> {
        let avail = &self.avails[title];
        avail.windows.iter().filter_map(|window| avail.times(window, territory).ok()).collect()
    }
}

/// Viewers of every age with one paid way of watching or several; every tenth has a device that draws
/// nothing over the picture, every seventh one without parental controls.
pub fn viewers() -> Vec<Viewer> {
    let mut dice = Dice::new(4);
    let one = |n: usize| Viewer {
        watcher: Watcher { born: Some(birthday(&mut dice)), with_guardian: n.is_multiple_of(5) },
        paid: Paid::Holds(
            LICENCES[..1 + n % 3]
                .iter()
                .map(|licence| Entitlement { licence: (*licence).into(), title: None, until: None })
                .collect(),
        ),
        device: Device {
            overlay: !n.is_multiple_of(10),
            parental_control: !n.is_multiple_of(7),
            forced_text: false,
            ..Device::FULL
        },
        ..Viewer::default()
    };
    (0..200).map(one).collect()
}

fn birthday(dice: &mut Dice) -> Date {
    date(1950 + dice.below(72) as i16, 1 + dice.below(12) as i8, 1 + dice.below(28) as i8)
}

pub fn placed(order: Order) -> Act {
    Act::OrderPlaced {
        order: Box::new(order),
        due: policy::Due::default(),
        second_person: false,
        resolved: Vec::new(),
    }
}

pub fn decision(act: Act) -> Result<Decision> {
    Ok(Decision::new(founded()?, Staff::new("bench")?, act))
}

fn founded() -> Result<Timestamp> {
    "2026-01-01T00:00:00Z".parse().map_err(|_| Error::internal("no instant"))
}

/// A commitment to nothing in particular.
pub fn sealed() -> Sealed {
    Sealed(Digest::of(b"bench"))
}

fn title(n: usize) -> Result<Title> {
    let id = format!("title-{n:06}");
    let source = Digest::of(id.as_bytes());
    let span = Span::Film { title: id.clone(), source, from: 0, to: 150_000 };
    let composition = Composition::new([span])?;
    composition.digest();
    Ok(Title { films: vec![Film::single(&id, source)], composition: Arc::new(composition), id })
}

fn window(codes: &str, licence: &str, dice: &mut Dice) -> Result<Window> {
    let (from, days) = (1 + dice.below(270), 120 + dice.below(500));
    let begin = date(2026, 1, 1).checked_add(jiff::Span::new().days(from as i64));
    let end = date(2026, 1, 1).checked_add(jiff::Span::new().days((from + days) as i64));
    let (Ok(begin), Ok(end)) = (begin, end) else { return Err(Error::internal("no day")) };
    let json = format!(
        r#"{{"territories":{{"only":[{codes}]}},"start":"{begin}T00:00:00","end":"{end}T00:00:00","licence":"{licence}"}}"#
    );
    serde_json::from_str(&json).map_err(|e| Error::internal(e.to_string()))
}

/// The rules of Vietnam, as those of another territory.
fn pack(territory: Territory) -> String {
    let code = territory.code();
    include_str!("../../packs/VN.toml")
        .replace("territory = \"VN\"", &format!("territory = \"{code}\""))
        .replace("\"vn.", &format!("\"{}.", code.to_lowercase()))
}
