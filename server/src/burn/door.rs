//! The same over HTTP, for the desk. Encoding takes longer than a request may: it goes on by itself, and
//! whoever asks the same again is told how far it has come.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::Path;
use hyper::StatusCode;
use media::error::{Error, Kind, Result};
use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;

use super::{Burning, Burnt, burn};
use crate::desk::{Answered, Desk, Sent, answer};
use crate::error::ErrorBody;
use crate::house::House;
use crate::progress::{Step, Teller};

/// How long a request waits for the end; well below what a request may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Pieces of work at once, with those whose end nobody has asked for yet.
const MOST: usize = 16;

/// What is under way, and what came of it until somebody asks, by what was asked.
#[derive(Default)]
pub struct UnderWay(Mutex<HashMap<String, watch::Receiver<Course>>>);

/// How far a piece of work has come.
#[derive(Clone, Default)]
struct Course {
    step: Option<Step>,
    end: Option<Result<Burnt>>,
}

/// How far it has come: of the step named, `done` of `total` units are done. A total of 0 is not known.
#[derive(Serialize, ToSchema)]
#[schema(as = BurnUnderWay)]
pub struct Far {
    pub step: String,
    pub done: u64,
    pub total: u64,
}

impl UnderWay {
    fn all(&self) -> MutexGuard<'_, HashMap<String, watch::Receiver<Course>>> {
        // Nothing that runs under this lock can leave it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the label of a version into its pictures, for players that can show it in no other way: tells what
/// that costs, and makes it with `yes`. What takes long goes on by itself; ask the same again.
#[utoipa::path(post, operation_id = "burn_label", path = "/api/v1/ratings/{title}/burn",
    params(("title" = String, Path, description = "Id of the title")), request_body = Burning,
    responses((status = 200, body = Burnt), (status = 202, body = Far), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn ask(Desk(house): Desk, title: Path<String>, Sent(burning): Sent<Burning>) -> Answered {
    house.snapshot().title(&title)?;
    let key = format!("{} {burning:?}", title.0);
    let mut course = begun(&house, &key, title.0, burning)?;
    let ended = course.wait_for(|course| course.end.is_some());
    let end = match tokio::time::timeout(PATIENCE, ended).await {
        Ok(Ok(course)) => course.end.clone(),
        // Whoever told of it is gone without a word.
        Ok(Err(_)) => Some(Err(Error::internal("the work ended early"))),
        Err(_) => None,
    };
    let Some(end) = end else {
        let Step { step, done, total } =
            course.borrow().step.clone().unwrap_or_else(|| Step::new("begun", 0, 0));
        return Ok(answer(StatusCode::ACCEPTED, &Far { step, done, total }));
    };
    house.burning.all().remove(&key);
    Ok(answer(StatusCode::OK, &end?))
}

/// What is under way already, or begins now.
fn begun(house: &Arc<House>, key: &str, title: String, burning: Burning) -> Result<watch::Receiver<Course>> {
    let mut all = house.burning.all();
    if let Some(course) = all.get(key) {
        return Ok(course.clone());
    }
    if all.len() >= MOST {
        all.retain(|_, course| course.borrow().end.is_none());
    }
    if all.len() >= MOST {
        return Err(
            Error::new(Kind::Conflict, "too much is being encoded").remedy("Wait until some of it is done")
        );
    }
    let (tell, course) = watch::channel(Course::default());
    all.insert(key.to_string(), course.clone());
    let (here, tell) = (house.clone(), Arc::new(tell));
    house.work(async move {
        let told = tell.clone();
        let teller: Teller =
            Arc::new(move |step| told.send_modify(|course| course.step = Some(step.clone())));
        let end = burn(&here, &title, burning, teller).await;
        tell.send_modify(|course| course.end = Some(end.clone()));
    });
    Ok(course)
}
