//! A player asks to play: what, and it gets told where from.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use composition::Span;
use hyper::StatusCode;
use hyper::header::{HeaderMap, SET_COOKIE};
use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Result};
use policy::{Pass, Refusal, Rule, Words};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::billing;
use crate::browse::{SpanView, float, spans};
use crate::burn;
use crate::error::{ErrorBody, Failure};
use crate::forced;
use crate::house::{House, Playable, Snapshot, WHOLE, blocking};
use crate::http::Secure;
use crate::label::{self, LabelView, Labels, ObligationView, ShowingView};
use crate::obey;
use crate::protect::licence_address;
use crate::ruling::{Ruling, films};
use crate::territory::{Place, prefix};
use crate::token::{Bearer, Issued, carriage};
use crate::viewer::{self, Ability, Said};

mod languages;

pub use languages::LanguageView;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlayRequest {
    /// Id of the title.
    pub title: String,
    /// Name of the version; the whole title when left out.
    #[serde(default)]
    pub version: Option<String>,
    /// The composition that plays now, and where, in seconds: the answer says where to go on.
    #[serde(default)]
    pub playing: Option<String>,
    #[serde(default)]
    pub at: Option<f64>,
    /// How the player carries its token, where the house asks for one: `cookie` or `path`. Left out: a
    /// cookie where the browser says that a page of this origin asks, else the path.
    #[serde(default)]
    pub carry: Option<Carry>,
    /// What the player can show or do. What is left out, it cannot.
    #[serde(default)]
    pub device: Vec<Ability>,
    /// What the player says of its viewer; the house keeps none of it.
    #[serde(default)]
    pub viewer: Option<Said>,
    /// What the viewer has paid for, signed by the operator's billing, where the house asks for that.
    #[serde(default)]
    pub receipt: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Carry {
    Cookie,
    Path,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Play {
    /// Address of the HLS multivariant playlist.
    pub hls: String,
    /// Address of the DASH presentation.
    pub dash: String,
    /// Digest of the composition.
    pub composition: String,
    pub seconds: f64,
    pub poster: String,
    pub thumbnails: String,
    pub chapters: String,
    /// Where ClearKey asks for the keys; none when nothing is encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// The label that it bears, in each territory whose rules hold and whose law the house declared to
    /// follow.
    #[serde(default)]
    pub labels: Vec<LabelView>,
    /// What the player must show or do, and by what.
    pub obligations: Vec<ObligationView>,
    /// What that comes to in what plays: when, where, in which words.
    #[serde(default)]
    pub showings: Vec<ShowingView>,
    /// When these addresses must be asked for again (RFC 3339).
    pub expires: String,
    /// Where the version differs from the whole title.
    pub edits: Vec<EditView>,
    /// The territory whose rules hold for this viewer; none when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// What is kept back for the moment, in seconds from the version's start: black and silent.
    #[serde(default)]
    pub held: Vec<HeldView>,
    /// Changes whenever what plays at these addresses changes.
    #[serde(default)]
    pub state: String,
    /// Where to go on, when the request said what played; none when nothing of it is left from there on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<f64>,
    /// What viewers are told about orders that changed this version.
    #[serde(default)]
    pub notices: Vec<WordsView>,
    /// Its languages, where contracts do not license all of them; empty: the viewer may choose any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<LanguageView>,
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Held)]
pub struct HeldView {
    pub from: f64,
    pub to: f64,
}

/// The same in each language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Words)]
pub struct WordsView {
    pub vi: String,
    pub ko: String,
    pub en: String,
}

impl From<&Words> for WordsView {
    fn from(words: &Words) -> WordsView {
        WordsView { vi: words.vi.clone(), ko: words.ko.clone(), en: words.en.clone() }
    }
}

/// Why something may not be played.
#[derive(Serialize, ToSchema)]
pub struct Refused {
    pub reasons: Vec<Reason>,
}

/// One reason: the rule, what happened, and what would change it.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// `withdrawn`, `not-located`, `unknown-title` and so on.
    #[schema(value_type = String)]
    pub rule: Rule,
    pub title: String,
    /// What it rests on; none: on no law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// Until when, where that is known: RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    pub says: WordsView,
    pub change: WordsView,
}

/// The answer to what the gate refuses: 451 where the law is the reason (RFC 7725), else 403.
pub fn refused(refusals: &[Refusal]) -> Response {
    let legal = refusals.iter().any(|refusal| refusal.rule.is_legal());
    let status = if legal { StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS } else { StatusCode::FORBIDDEN };
    let body = Refused { reasons: reasons(refusals) };
    (status, [("cache-control", "no-store")], Json(body)).into_response()
}

/// Every refusal, in words.
pub fn reasons(refusals: &[Refusal]) -> Vec<Reason> {
    let reason = |refusal: &Refusal| Reason {
        rule: refusal.rule,
        title: refusal.title.clone(),
        law: refusal.basis().map(|basis| basis.law),
        until: refusal.until.map(|until| until.to_string()),
        says: (&refusal.says()).into(),
        change: (&refusal.change()).into(),
    };
    refusals.iter().map(reason).collect()
}

/// One place where something was left out, put in, or joined.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Edit)]
pub struct EditView {
    /// Seconds from the version's start.
    pub at: f64,
    /// `cut`, `card` or `join`.
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_seconds: Option<f64>,
}

/// How long addresses hold.
const HOLDS_SECONDS: i64 = 24 * 3600;

/// Where a version plays from.
#[utoipa::path(post, path = "/api/v1/play", request_body = PlayRequest,
    responses((status = 200, body = Play), (status = 400, body = ErrorBody), (status = 403, body = Refused),
        (status = 404, body = ErrorBody), (status = 451, body = Refused)))]
pub async fn play(
    house: State<Arc<House>>,
    place: Extension<Place>,
    bearer: Extension<Bearer>,
    secure: Extension<Secure>,
    headers: HeaderMap,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    let request: PlayRequest = serde_json::from_slice(&body).map_err(|e| {
        Error::invalid(format!("the body is not what is expected: {e}"))
            .remedy(r#"Send {"title": "ID", "version": "NAME"}"#)
    })?;
    let (house, place, bearer, secure) = (house.0.clone(), place.0, bearer.0, secure.0.0);
    let in_cookie = match request.carry {
        Some(carry) => carry == Carry::Cookie,
        None => carriage::keeps_cookies(&headers),
    };
    blocking(move || {
        let snapshot = house.snapshot();
        let paid = billing::paid(house.billing.get(), request.receipt.as_deref(), snapshot.now())?;
        let mut viewer = viewer::read(request.viewer.as_ref(), &request.device, paid)?;
        let version = snapshot.version(&request.title, request.version.as_deref().unwrap_or(WHOLE))?;
        let playable = match admitted(&house, &snapshot, place, &version.plays)? {
            Ok(playable) => playable,
            Err(refusals) => return Ok(refused(&refusals)),
        };
        // The presentation with labels as text is of the clear media.
        viewer.device.forced_text &= house.content.of(&playable.title).is_none();
        let admitted = viewer::admit(&snapshot, &house.packs, place, &playable, &viewer);
        let (playable, admitted) = match admitted {
            Err(refusals) if refusals.iter().any(|refusal| refusal.rule == Rule::CannotShow) => {
                let instead = burn::instead(&house, &snapshot, place, &playable, &viewer);
                instead.unwrap_or((playable, Err(refusals)))
            }
            admitted => (playable, admitted),
        };
        let passes = match admitted {
            Ok(passes) => passes,
            Err(refusals) => return Ok(refused(&refusals)),
        };
        let mut play = answer(&house, &snapshot, place, &request, &playable, &passes)?;
        play.languages = languages::licensed(&house, &snapshot, place, &playable, (&viewer, &passes))?;
        let bearer = Bearer { prefix: prefix(place), ..bearer };
        let until = session_ends(&house, &snapshot, place, &playable, &passes)?;
        let issued = admit(&house, &bearer, &playable, until, in_cookie, &mut play)?;
        let mut response = ([("cache-control", "no-store")], Json(play)).into_response();
        let cookie = issued.filter(|_| in_cookie).and_then(|i| carriage::set_cookie(&i, secure));
        if let Some(cookie) = cookie {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
        Ok(response)
    })
    .await
    .map_err(Failure)
}

/// When the session that begins now ends: it goes on beyond a window that lets who watches finish.
fn session_ends(
    house: &House,
    snapshot: &Snapshot,
    place: Place,
    playable: &Arc<Playable>,
    passes: &[Pass],
) -> Result<Option<Timestamp>> {
    let (ruling, until) =
        (house.rule(snapshot, place, playable)?, until(house, snapshot, place, playable, passes)?);
    if until != ruling.until {
        // Something about the viewer ends it before.
        return Ok(until);
    }
    let began = Some(snapshot.now());
    Ok(house.session_ends(snapshot, place, playable, began, &ruling, tokens::MAX_LIFE))
}

/// When the question must be asked again: of what every viewer may have, or of this one.
fn until(
    house: &House,
    snapshot: &Snapshot,
    place: Place,
    playable: &Arc<Playable>,
    passes: &[Pass],
) -> Result<Option<Timestamp>> {
    let ruling = house.rule(snapshot, place, playable)?;
    Ok(passes.iter().filter_map(Pass::expires).chain(ruling.until).min())
}

/// Gives the player its tokens, where the house asks for them: puts them into the addresses that carry
/// them, and answers with the one for media.
fn admit(
    house: &House,
    bearer: &Bearer,
    playable: &Playable,
    until: Option<Timestamp>,
    in_cookie: bool,
    play: &mut Play,
) -> Result<Option<Issued>> {
    let Some(tokens) = house.tokens() else { return Ok(None) };
    let media = tokens.media(bearer, &house.content.address(playable, ""), until, in_cookie)?;
    if !in_cookie {
        let Play { hls, dash, chapters, thumbnails, poster, .. } = &mut *play;
        for address in [hls, dash, chapters, thumbnails, poster] {
            *address = carriage::in_path(&media.token, address);
        }
    }
    if let Some(address) = &mut play.licence {
        let licence = tokens.licence(bearer, &playable.digest, until)?;
        *address = carriage::in_path(&licence.token, address);
    }
    play.expires = media.expires.to_string();
    Ok(Some(media))
}

/// What plays in a place where a version is asked for: itself, what obeys the orders there once it is
/// made, or a proposal that was opened where the whole is withdrawn. Else every refusal.
pub fn admitted(
    house: &House,
    snapshot: &Snapshot,
    place: Place,
    asked: &Arc<Playable>,
) -> Result<std::result::Result<Arc<Playable>, Vec<Refusal>>> {
    let mut refusals = None;
    for plays in candidates(snapshot, place, asked) {
        let ruling = house.rule(snapshot, place, plays)?;
        if ruling.refusals.is_empty() {
            return Ok(Ok(plays.clone()));
        }
        // What was asked for says why; what could have stood in for it adds nothing.
        refusals.get_or_insert_with(|| ruling.refusals.clone());
    }
    Ok(Err(refusals.unwrap_or_default()))
}

/// What may stand in for a version in a place, the best first. Of a place that is not known, nothing but
/// what holds in all of them can be said.
fn candidates<'a>(snapshot: &'a Snapshot, place: Place, asked: &'a Arc<Playable>) -> Vec<&'a Arc<Playable>> {
    let obey = place.territories().map(|territory| obey::standing(snapshot, territory, asked));
    let opened = place.territories().filter_map(|territory| {
        Some(obey::standing(snapshot, territory, obey::opened(snapshot, territory, asked)?))
    });
    // Until the version that obeys frame by frame may play, for example because it has no label yet, the one
    // that was asked for goes on with what is ordered held back.
    obey.chain([asked]).chain(opened).collect()
}

pub fn answer(
    house: &House,
    snapshot: &Snapshot,
    place: Place,
    request: &PlayRequest,
    playable: &Arc<Playable>,
    passes: &[Pass],
) -> Result<Play> {
    let title = &snapshot.title(&request.title)?.row;
    let spans = spans(snapshot, &playable.composition)?;
    let ruling = house.rule(snapshot, place, playable)?;
    let now = snapshot.now();
    let until = until(house, snapshot, place, playable, passes)?;
    let expires = Timestamp::from_second(now.as_second() + HOLDS_SECONDS);
    let expires = expires.map(|at| until.map_or(at, |until| until.min(at)));
    let labels = Labels::of(snapshot, &house.packs, place, now);
    let address = |name: &str| format!("{}{}", prefix(place), house.content.address(playable, name));
    let (hls, dash) = forced::names(passes);
    let law = burn::law(snapshot, playable).unwrap_or(playable);
    Ok(Play {
        hls: address(hls),
        dash: address(dash),
        composition: playable.digest.to_string(),
        seconds: spans.last().map_or(0.0, |s| s.at + s.seconds),
        poster: address("poster.jpg"),
        thumbnails: address("thumbnails.vtt"),
        chapters: address("chapters.vtt"),
        licence: house.content.of(&playable.title).map(|_| licence_address(&playable.digest)),
        labels: labels.told(snapshot, &law.title, &law.digest),
        obligations: label::obligations(passes),
        showings: label::showings(passes, label::milliseconds(snapshot, &playable.composition)?)?,
        expires: expires.map(|t| t.to_string()).unwrap_or_default(),
        edits: edits(&spans, title.to - title.from),
        territory: place.named().map(|territory| territory.to_string()),
        held: held(&ruling),
        state: Digest::of(format!("{} {:?}", playable.digest, ruling.held).as_bytes()).to_string(),
        resume: resume(house, snapshot, request, playable)?,
        notices: notices(snapshot, place, law),
        languages: Vec::new(),
    })
}

/// What is kept back for the moment, on the axis of what plays.
fn held(ruling: &Ruling) -> Vec<HeldView> {
    let stretches = ruling.layout.iter().flat_map(|layout| &layout.timeline.stretches);
    let ranges = stretches.flat_map(|stretch| {
        let Span::Film { from, to, .. } = stretch.span else { return Vec::new() };
        let at = |frame: u32| float(stretch.start + stretch.source.rate.seconds(i64::from(frame - from)));
        let shown = stretch.withheld.picture.union(&stretch.withheld.sound);
        shown.within(from, to).map(|(a, b)| HeldView { from: at(a), to: at(b) }).collect()
    });
    ranges.collect()
}

/// Where to go on in `playable` for somebody who watches another composition.
fn resume(
    house: &House,
    snapshot: &Snapshot,
    request: &PlayRequest,
    playable: &Playable,
) -> Result<Option<f64>> {
    let (Some(playing), Some(at)) = (&request.playing, request.at) else { return Ok(None) };
    let before = playing.parse::<Digest>().ok().and_then(|digest| snapshot.compositions.get(&digest));
    // What played may be gone altogether; then the position is kept.
    let Some(before) = before.filter(|_| at.is_finite() && (0.0..360_000.0).contains(&at)) else {
        return Ok(Some(at));
    };
    let from = house.lay_out(snapshot, before)?;
    let to = house.lay_out(snapshot, playable)?;
    let at = media::Seconds::new((at * 1000.0) as i64, 1000);
    Ok(from.timeline.map(&to.timeline, at).map(float))
}

/// What viewers are told: each order that changes what plays here, once.
fn notices(snapshot: &Snapshot, place: Place, playable: &Playable) -> Vec<WordsView> {
    let now = snapshot.now();
    let base = playable.made_from.as_ref().and_then(|digest| snapshot.compositions.get(digest));
    let shown = base.map_or(playable, |base| base);
    let mut notices: Vec<WordsView> = Vec::new();
    for film in films(snapshot, &shown.title, &shown.composition) {
        let bites = place.territories().filter_map(|t| snapshot.state.live(t, now).of(&film).ok());
        for bound in bites.flat_map(|bites| bites.bound) {
            if let Some(standing) = snapshot.state.order(&bound.order) {
                let notice = notice(&standing.order);
                if !notices.contains(&notice) {
                    notices.push(notice);
                }
            }
        }
    }
    notices
}

/// What a viewer is told of an order that changed the film.
fn notice(order: &policy::Order) -> WordsView {
    let (authority, number) = (&order.authority, &order.number);
    WordsView {
        vi: format!("Một phần phim không được chiếu tại đây theo yêu cầu của {authority}, số {number}."),
        ko: format!("{authority}의 명령({number})에 따라 이 작품의 일부는 이곳에서 상영되지 않습니다."),
        en: format!("Part of this film is not shown here, by order of {authority}, number {number}."),
    }
}

/// The edits that lead from whole titles to these spans. `units` is the length of the title.
fn edits(spans: &[SpanView], units: u32) -> Vec<EditView> {
    let mut out = Vec::new();
    let mut before: Option<&SpanView> = None;
    for span in spans {
        let from = span.from_unit.unwrap_or(0);
        let last_end = before.map_or(0, |last| last.from_unit.unwrap_or(0) + last.units);
        let goes_on = before.is_none_or(|last| last.title == span.title && last_end <= from);
        if span.kind == "card" {
            out.push(edit("card", span.at, None));
            continue;
        } else if !goes_on {
            out.push(edit("join", span.at, None));
        } else if from > last_end {
            out.push(edit("cut", span.at, Some((span, from - last_end))));
        }
        before = Some(span);
    }
    if let Some(last) = before {
        let end = last.from_unit.unwrap_or(0) + last.units;
        if end < units {
            out.push(edit("cut", last.at + last.seconds, Some((last, units - end))));
        }
    }
    out
}

/// An edit at a place; what it removed is counted in units of the span beside it.
fn edit(kind: &str, at: f64, removed: Option<(&SpanView, u32)>) -> EditView {
    let seconds = removed.map(|(beside, units)| units as f64 * beside.seconds / beside.units as f64);
    EditView { at, kind: kind.to_string(), removed_seconds: seconds }
}

#[cfg(test)]
mod tests;
