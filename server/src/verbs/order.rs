//! `phim order …`: the options of every act about an order.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use media::error::{Error, Result};
use policy::{OrderId, Outcome};
use serde_json::Value;

use super::absolute;
use crate::acts::Act;
use crate::order::{Ask, Letter, Offer, Place as Placing, Step, Verdict, Which};
use crate::transparency::Span;

const PLACE_HELP: &str = "\
A range on the command line starts at its first and ends before its second position, rounded outward to
frames. --scope takes what the authority wrote, where the last second is included. Times are read on the
version that was live in the territory when the authority looked. Areas are in thousandths of the picture.

Examples:
  phim order place --title flight --territory VN --withdraw --authority \"Cục Điện ảnh\" --number 1043/ĐA-VP
  phim order place --title flight --territory VN --cut 41:18-41:56 --authority \"Cục Điện ảnh\" --number 12
  phim order place --title flight --territory VN --operation blur --scope 'S1E18 41:18-41:55' --authority A --number 13
  phim order place --file order.json --dry-run";

#[derive(Subcommand, Debug)]
pub enum Order {
    /// Enter an order; it is in force when this answers
    #[command(after_help = PLACE_HELP)]
    Place(Box<Place>),
    /// List the orders, those that press first
    List(Which),
    /// Show one order: what it demands, its clocks, what was done
    Show(Named),
    /// Let an order bind as the second person
    Approve(Named),
    /// Refuse to obey an order; or, with --proposal, record that the authority refuses one
    Refuse(Said),
    /// End an order: what it took comes back as it was
    Lift(Said),
    /// Record an appeal
    Appeal(Said),
    /// Record what became of an appeal
    Answer(Answer),
    /// Put another text in an order's place
    Amend(Again),
    /// The same, where it demands more
    Escalate(Again),
    /// Make a corrected version and offer it in answer
    #[command(
        after_help = "Examples:\n  phim order propose 12 --cut 41:18-41:56\n  phim order propose 12 --blur 41:18-41:56@600,100,300,250 --mute 41:20-41:30"
    )]
    Propose(Propose),
    /// Record that a proposal was sent to the authority
    Send(Said),
    /// Record that the authority accepts a proposal: it opens
    Accept(Said),
    /// Open a proposal without an acceptance, by name and with a reason
    Override(Said),
    /// Write the evidence of an order: one file that anybody verifies offline
    #[command(
        after_help = "The file holds the order, its records with proofs, pictures before and after, and the report for the authority.\n\nExamples:\n  phim order report 12\n  phim order report 12 --out evidence.zip && phim ledger verify evidence.zip"
    )]
    Report(Report),
    /// Record that the authority was given its report
    #[command(after_help = "Example:\n  phim order reported 12 --letter order-12.zip")]
    Reported(Said),
    /// Count orders, refusals, appeals and times, for the public
    #[command(
        after_help = "Example:\n  phim order transparency --from 2026-01-01 --to 2026-07-01 --territory VN"
    )]
    Transparency(Transparency),
}

#[derive(Args, Debug)]
pub struct Named {
    /// The order's number
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// Its authority, where several have such a number
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    pub authority: String,
    /// Who acts; the record holds a pseudonym
    #[arg(long, default_value = "desk", value_name = "NAME")]
    pub by: String,
}

#[derive(Args, Debug)]
pub struct Said {
    #[command(flatten)]
    pub named: Named,
    /// Why, in words; the record holds a commitment to them
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    pub reason: String,
    /// A letter as a file
    #[arg(long, value_name = "FILE")]
    pub letter: Option<PathBuf>,
    /// The proposal is meant, not the order
    #[arg(long)]
    pub proposal: bool,
    /// Which proposal, by its composition, where there are several
    #[arg(long, value_name = "DIGEST")]
    pub composition: Option<String>,
}

#[derive(Args, Debug)]
pub struct Answer {
    #[command(flatten)]
    pub said: Said,
    /// What became of it
    #[arg(long, value_parser = ["upheld", "overturned", "partly"])]
    pub outcome: String,
}

#[derive(Args, Debug)]
pub struct Transparency {
    /// Orders placed from then on: a day (UTC) or an instant
    #[arg(long, value_name = "WHEN")]
    pub from: Option<String>,
    /// Orders placed before then; until now when left out
    #[arg(long, value_name = "WHEN")]
    pub to: Option<String>,
    /// One territory; all that orders name when left out
    #[arg(long, value_name = "CC")]
    pub territory: Option<String>,
}

#[derive(Args, Debug)]
pub struct Report {
    #[command(flatten)]
    pub named: Named,
    /// A file that does not exist yet, or a folder
    #[arg(long, default_value = ".", value_name = "FILE")]
    pub out: PathBuf,
    /// Leave out the report as PDF, which a Chromium on this machine prints
    #[arg(long)]
    pub no_pdf: bool,
}

#[derive(Args, Debug)]
pub struct Again {
    #[command(flatten)]
    pub named: Named,
    /// The new text as JSON
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Args, Debug)]
pub struct Propose {
    #[command(flatten)]
    pub named: Named,
    /// The title that it is offered for, where the order is about several
    #[arg(long, value_name = "ID")]
    pub title: Option<String>,
    /// The version that it is made of
    #[arg(long, value_name = "NAME")]
    pub version: Option<String>,
    #[command(flatten)]
    pub ranges: Ranges,
}

#[derive(Args, Debug, Default)]
pub struct Ranges {
    /// Remove a range
    #[arg(long, value_name = "FROM-TO")]
    pub cut: Vec<String>,
    /// Blur an area of the picture
    #[arg(long, value_name = "FROM-TO@X,Y,W,H")]
    pub blur: Vec<String>,
    /// Fill an area of the picture
    #[arg(long, value_name = "FROM-TO@X,Y,W,H")]
    pub mask: Vec<String>,
    /// Silence a range
    #[arg(long, value_name = "FROM-TO")]
    pub mute: Vec<String>,
    /// Drop the subtitles of a range
    #[arg(long, value_name = "FROM-TO")]
    pub drop_text: Vec<String>,
}

impl Ranges {
    fn all(&self) -> Vec<(String, String)> {
        let kinds = [
            ("cut", &self.cut),
            ("blur", &self.blur),
            ("mask", &self.mask),
            ("mute", &self.mute),
            ("drop-text", &self.drop_text),
        ];
        kinds
            .into_iter()
            .flat_map(|(kind, ranges)| ranges.iter().map(|r| (kind.to_string(), r.clone())))
            .collect()
    }
}

#[derive(Args, Debug)]
pub struct Place {
    /// The order as JSON (docs/ref/orders.md); the options below stand for it otherwise
    #[arg(long, value_name = "FILE", conflicts_with_all = ["title", "authority", "number"])]
    pub file: Option<PathBuf>,
    /// The work
    #[arg(long, value_name = "ID", required_unless_present = "file")]
    pub title: Option<String>,
    /// Where it binds, ISO 3166-1; several for several
    #[arg(long, value_name = "CC", required_unless_present = "file")]
    pub territory: Vec<String>,
    /// Who orders
    #[arg(long, value_name = "NAME", required_unless_present = "file")]
    pub authority: Option<String>,
    /// The order's number
    #[arg(long, value_name = "NUMBER", required_unless_present = "file")]
    pub number: Option<String>,
    /// The day that it bears; today when left out
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<String>,
    /// Its legal basis
    #[arg(long, value_name = "TEXT")]
    pub basis: Option<String>,
    /// The reason that it states
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Which of the territory's clocks it goes by
    #[arg(long, value_name = "NAME")]
    pub route: Option<String>,
    /// What is to be treated, as the authority wrote it
    #[arg(long, value_name = "TEXT")]
    pub scope: Option<String>,
    /// What is to be done with --scope
    #[arg(long, value_parser = ["withdraw", "cut", "replace", "mask", "blur", "mute", "drop-text"])]
    pub operation: Option<String>,
    /// Withdraw the whole work
    #[arg(long)]
    pub withdraw: bool,
    #[command(flatten)]
    pub ranges: Ranges,
    /// Put a card in the place of a range
    #[arg(long, value_name = "FROM-TO", requires = "card")]
    pub replace: Vec<String>,
    /// A line of the card of --replace
    #[arg(long, value_name = "LANG=TEXT")]
    pub card: Vec<String>,
    /// The places that it quotes as its grounds
    #[arg(long, value_name = "TEXT")]
    pub cited: Option<String>,
    /// When the authority looked
    #[arg(long, value_name = "INSTANT")]
    pub looked: Option<String>,
    /// From when it binds; at once when left out
    #[arg(long, value_name = "INSTANT")]
    pub from: Option<String>,
    /// Until when it binds
    #[arg(long, value_name = "INSTANT")]
    pub until: Option<String>,
    /// By when it must be done
    #[arg(long, value_name = "INSTANT")]
    pub due: Option<String>,
    /// By when the authority must have its report
    #[arg(long, value_name = "INSTANT")]
    pub report_due: Option<String>,
    /// Frames that every range is widened by at each end
    #[arg(long, default_value_t = 0, value_name = "FRAMES")]
    pub margin: u32,
    /// The case that it belongs to
    #[arg(long, value_name = "NAME")]
    pub case: Option<String>,
    /// The version that the authority looked at
    #[arg(long, value_name = "NAME")]
    pub version: Option<String>,
    /// A document that came with it
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Who enters it; the record holds a pseudonym
    #[arg(long, default_value = "desk", value_name = "NAME")]
    pub by: String,
}

impl Order {
    pub fn into_act(self) -> Result<Act> {
        Ok(match self {
            Order::Place(place) => place.into_act()?,
            Order::List(which) => Act::OrderList(which),
            Order::Show(named) => Act::OrderShow { order: named.id() },
            Order::Approve(named) => step(named, Step::Approve),
            Order::Refuse(said) if said.proposal => verdict(said, Verdict::Refused)?,
            Order::Refuse(said) => step(said.named, Step::Refuse { reason: said.reason }),
            Order::Lift(said) => step(said.named, Step::Lift { reason: said.reason }),
            Order::Appeal(said) => {
                let letter = said.letter()?;
                step(said.named, Step::Appeal { letter })
            }
            Order::Answer(answer) => {
                let letter = answer.said.letter()?;
                let outcome: Outcome = serde_json::from_value(Value::from(answer.outcome))
                    .map_err(|e| Error::invalid(e.to_string()))?;
                step(answer.said.named, Step::Answer { outcome, letter })
            }
            Order::Amend(again) => {
                let order = read(&again.file)?;
                step(again.named, Step::Amend { order, reason: again.reason })
            }
            Order::Escalate(again) => {
                let order = read(&again.file)?;
                step(again.named, Step::Escalate { order, reason: again.reason })
            }
            Order::Propose(p) => Act::OrderPropose(Offer {
                order: p.named.id(),
                title: p.title,
                version: p.version,
                edits: p.ranges.all(),
                by: p.named.by,
            }),
            Order::Send(said) => verdict(said, Verdict::Sent)?,
            Order::Accept(said) => verdict(said, Verdict::Accepted)?,
            Order::Report(report) => Act::OrderReport {
                order: report.named.id(),
                out: absolute(&report.out)?,
                pdf: !report.no_pdf,
            },
            Order::Reported(said) => {
                let letter = said.letter()?;
                Act::OrderReported { order: said.named.id(), letter, by: said.named.by }
            }
            Order::Transparency(t) => {
                Act::OrderTransparency(Span { from: t.from, to: t.to, territory: t.territory })
            }
            Order::Override(said) => verdict(said, Verdict::Overridden)?,
        })
    }
}

impl Named {
    fn id(&self) -> OrderId {
        OrderId { authority: self.authority.clone(), number: self.number.clone() }
    }
}

impl Said {
    fn letter(&self) -> Result<Letter> {
        let file = self.letter.as_deref().map(absolute).transpose()?;
        Ok(Letter { text: self.reason.clone(), file })
    }
}

fn step(named: Named, step: Step) -> Act {
    Act::OrderStep { order: named.id(), step: Box::new(step), by: named.by }
}

fn verdict(said: Said, verdict: Verdict) -> Result<Act> {
    let letter = said.letter()?;
    Ok(Act::OrderVerdict {
        order: said.named.id(),
        composition: said.composition,
        verdict,
        letter,
        by: said.named.by,
    })
}

fn read(path: &std::path::Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).map_err(|e| archive::from_io(path, e))?;
    serde_json::from_str(&text)
        .map_err(|e| Error::invalid(format!("not JSON: {e}")).at(path.display().to_string()))
}

impl Place {
    fn into_act(self) -> Result<Act> {
        let attach = self.attach.iter().map(|path| absolute(path)).collect::<Result<_>>()?;
        let place = Box::new(Placing {
            order: self.file.as_deref().map(read).transpose()?.unwrap_or_default(),
            version: self.version.clone(),
            attach,
            dry_run: self.dry_run,
            by: self.by.clone(),
        });
        if self.file.is_some() {
            return Ok(Act::OrderPlace(place));
        }
        let (operation, ranges) = self.demand()?;
        let ask = Ask {
            title: self.title.unwrap_or_default(),
            territories: self.territory,
            authority: self.authority.unwrap_or_default(),
            number: self.number.unwrap_or_default(),
            date: self.date,
            basis: self.basis,
            reason: self.reason,
            route: self.route,
            scope: self.scope,
            operation,
            ranges,
            card: self.card,
            cited: self.cited,
            looked: self.looked,
            start: self.from,
            until: self.until,
            due: self.due,
            report_due: self.report_due,
            margin: self.margin,
            case: self.case,
        };
        Ok(Act::OrderAsk { ask: Box::new(ask), place })
    }

    /// The one operation and its ranges.
    fn demand(&self) -> Result<(String, Vec<String>)> {
        let mut all = self.ranges.all();
        all.extend(self.replace.iter().map(|range| ("replace".to_string(), range.clone())));
        let withdraw = self.withdraw.then(|| ("withdraw".to_string(), None));
        let stated = self.operation.iter().map(|operation| (operation.clone(), None));
        let ranged = all.into_iter().map(|(operation, range)| (operation, Some(range)));
        let demands: Vec<(String, Option<String>)> =
            withdraw.into_iter().chain(stated).chain(ranged).collect();
        let Some((operation, _)) = demands.first().cloned() else {
            return Err(Error::invalid("the order demands nothing")
                .remedy("Say what: --withdraw, --cut, --blur, --mask, --mute, --drop-text, --replace, or --operation and --scope"));
        };
        if demands.iter().any(|(other, _)| *other != operation) {
            return Err(Error::invalid("one order demands one operation")
                .remedy("Place an order for each, or the stricter one for all"));
        }
        Ok((operation, demands.into_iter().filter_map(|(_, range)| range).collect()))
    }
}
