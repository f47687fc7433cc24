//! The program `phim`: verbs, HTTP, JSON, config, clock, randomness.
//!
//! Files are named for acts. `verbs` is the command line, `acts` what a verb asks of a house,
//! `owner_socket` how it gets there; `serve`, `http` and `segment` answer players; `house` is the
//! running state that all of them share.

mod acts;
mod add;
mod answer;
mod as_of;
mod billing;
mod body;
mod browse;
mod burn;
mod case;
mod check;
mod classify;
mod compress;
mod cosign;
mod decide;
mod demo;
mod desk;
mod error;
mod evidence;
mod export;
mod follow;
mod forced;
mod house;
mod http;
mod label;
mod leash;
mod ledgers;
mod link;
mod logs;
mod metrics;
mod news;
mod obey;
mod openapi;
mod order;
mod outward;
mod owner_socket;
mod pages;
mod patches;
mod paths;
mod play;
mod play_url;
mod progress;
mod protect;
mod readiness;
mod reported;
mod ruling;
mod segment;
mod sendfile;
mod serve;
mod territory;
mod title;
mod tls;
mod token;
mod transparency;
mod verbs;
mod verify;
mod version;
mod viewer;
mod webhook;
mod window;
mod witness;
mod write_log;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, Parser as _};
use media::error::{Error, Kind, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::acts::{Act, perform};
use crate::house::House;
use crate::progress::Teller;
use crate::verbs::{Phim, Verb};

/// The hidden verb under which the program executes itself as a sandboxed child.
pub const CHILD: &str = "__child";

fn main() -> ExitCode {
    // Before any thread: a child confines the thread that it has.
    let mut args = std::env::args_os();
    if args.nth(1).is_some_and(|verb| verb == CHILD) {
        return workshop::child_main(args);
    }
    let phim = Phim::parse();
    start_log(phim.quiet);
    let (json, threads) = (phim.json, threads(&phim.verb));
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all();
    if let Some(threads) = threads {
        builder.worker_threads(threads.max(1));
    }
    let done = match builder.build() {
        Ok(runtime) => {
            let done = runtime.block_on(run(phim));
            // Work that blocks and that nobody waits for any more must not hold the process.
            runtime.shutdown_timeout(Duration::from_secs(1));
            done
        }
        Err(e) => Err(Error::new(Kind::Unavailable, format!("the program cannot start its threads: {e}"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if json {
                println!("{}", serde_json::json!({ "error": error::Problem::from(&error) }));
            }
            eprintln!("phim: {error}");
            ExitCode::from(error::exit_code(error.kind))
        }
    }
}

/// `RUST_LOG` says more or less; warnings are always worth a line.
fn start_log(quiet: bool) {
    let level = match std::env::var("PHIM_LOG").as_deref() {
        Ok("debug") => tracing::Level::DEBUG,
        Ok("info") => tracing::Level::INFO,
        _ if quiet => tracing::Level::ERROR,
        _ => tracing::Level::WARN,
    };
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false).init();
}

fn threads(verb: &Verb) -> Option<usize> {
    match verb {
        Verb::Serve(listen) => listen.threads,
        Verb::Demo(demo) => demo.listen.threads,
        _ => None,
    }
}

async fn run(phim: Phim) -> Result<()> {
    let teller = if phim.quiet { progress::silent() } else { progress::shown() };
    match phim.verb {
        Verb::Serve(listen) => serve::serve(&phim.data, &listen).await,
        Verb::Demo(demo) => demo::demo(&phim.data, &demo, teller).await,
        Verb::Territory(territory) if territory.is_of_packs() => territory.tell(phim.json),
        Verb::Ledger(verbs::Ledger::Verify(verify)) => verify::verify(&verify, phim.json),
        Verb::Witness(asked) => witness::witness(&phim.data, &asked).await,
        Verb::Completions { shell } => {
            clap_complete::generate(shell, &mut Phim::command(), "phim", &mut std::io::stdout());
            Ok(())
        }
        verb => {
            let show = printer(&verb);
            let answer = send(&phim.data, verb.into_act()?, teller).await?;
            if phim.json {
                println!("{answer:#}");
                return match show {
                    Show::Checked => check::verdict(&read(answer)?),
                    Show::Window => window::verdict(&read(answer)?),
                    _ => Ok(()),
                };
            }
            show.print(answer)
        }
    }
}

/// Sends an act to the owner of the archive, or performs it as the owner where there is none.
async fn send(dir: &Path, act: Act, teller: Teller) -> Result<Value> {
    let socket = archive::socket_path(dir);
    if let Some(answer) = owner_socket::ask(&socket, &act, &teller).await {
        return answer;
    }
    if !act.makes_archive() && !dir.join("archive-format").exists() {
        return Err(Error::not_found("there is no archive in this folder")
            .at(dir.display().to_string())
            .remedy("Name the archive with --data DIR, or bring a film in: phim add FILE --title ID"));
    }
    match House::open(dir).await {
        Ok(house) => {
            let answer = perform(&house, act, teller).await;
            house.finish_work().await;
            answer
        }
        // The owner may have been starting just now.
        Err(error) if error.kind == Kind::Conflict => {
            for _ in 0..20 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                if let Some(answer) = owner_socket::ask(&socket, &act, &teller).await {
                    return answer;
                }
            }
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// How an answer is shown to a person.
enum Show {
    Added,
    Titles,
    Protected,
    Keys,
    Title,
    Removed,
    Made,
    Versions,
    Difference,
    Addresses,
    Then,
    Exported,
    Checked,
    Placed,
    Order,
    Orders,
    Token,
    TokenKeys,
    Window,
    Case,
    Cases,
    Territories,
    Readiness,
    Trial,
    Rating,
    Ratings,
    RatingHistory,
    Notifications { csv: bool },
    Notified,
    Burnt,
    Webhook,
    Webhooks,
    WebhookOpened,
    WebhookTested,
    Evidence,
    Transparency,
}

fn printer(verb: &Verb) -> Show {
    use verbs::case::Case;
    use verbs::classify::Classify;
    use verbs::order::Order;
    use verbs::readiness::Opening;
    use verbs::territory::Territory;
    use verbs::token::Token;
    use verbs::webhook::Webhook;
    use verbs::{PlayUrl, Title, Version};
    match verb {
        Verb::Title(Title::List) => Show::Titles,
        Verb::Title(Title::Show { .. }) => Show::Title,
        Verb::Title(Title::Protect { .. } | Title::TakeKeys { .. }) => Show::Protected,
        Verb::Title(Title::Keys { .. }) => Show::Keys,
        Verb::Title(Title::Remove { .. }) | Verb::Version(Version::Remove { .. }) => Show::Removed,
        Verb::Version(Version::Make(_) | Version::Show { .. }) => Show::Made,
        Verb::Version(Version::List { .. }) => Show::Versions,
        Verb::Version(Version::Diff { .. }) => Show::Difference,
        Verb::PlayUrl(PlayUrl { as_of: Some(_), .. }) => Show::Then,
        Verb::PlayUrl(_) => Show::Addresses,
        Verb::Export(_) => Show::Exported,
        Verb::Check(_) => Show::Checked,
        Verb::Order(Order::Place(_)) => Show::Placed,
        Verb::Order(Order::List(_)) => Show::Orders,
        Verb::Order(Order::Report(_)) => Show::Evidence,
        Verb::Order(Order::Transparency(_)) => Show::Transparency,
        Verb::Order(_) => Show::Order,
        Verb::Window(_) => Show::Window,
        Verb::Territory(Territory::House(Opening::Readiness { territory: None, .. })) => Show::Territories,
        Verb::Territory(Territory::House(Opening::Trial { .. } | Opening::EndTrial { .. })) => Show::Trial,
        Verb::Territory(_)
        | Verb::Position(_)
        | Verb::Licence(_)
        | Verb::Evidence(_)
        | Verb::Risk(_)
        | Verb::Drill(_) => Show::Readiness,
        Verb::Classify(Classify::History { .. }) => Show::RatingHistory,
        Verb::Classify(Classify::Show { title: None, .. }) => Show::Ratings,
        Verb::Classify(Classify::Burn { .. }) => Show::Burnt,
        Verb::Classify(Classify::Notifications(list)) if list.sent_to.is_some() => Show::Notified,
        Verb::Classify(Classify::Notifications(list)) => Show::Notifications { csv: list.csv },
        Verb::Classify(_) => Show::Rating,
        Verb::Case(Case::List) => Show::Cases,
        Verb::Case(_) => Show::Case,
        Verb::Webhook(Webhook::List) => Show::Webhooks,
        Verb::Webhook(Webhook::Add { .. } | Webhook::Show { .. }) => Show::WebhookOpened,
        Verb::Webhook(Webhook::Test { .. }) => Show::WebhookTested,
        Verb::Webhook(_) => Show::Webhook,
        Verb::Desk | Verb::Token(Token::Issue { .. }) => Show::Token,
        Verb::Token(_) => Show::TokenKeys,
        Verb::Add(_)
        | Verb::Serve(_)
        | Verb::Demo(_)
        | Verb::Ledger(_)
        | Verb::Witness(_)
        | Verb::Completions { .. } => Show::Added,
    }
}

impl Show {
    fn print(self, answer: Value) -> Result<()> {
        match self {
            Show::Added => add::print(&read(answer)?),
            Show::Titles => title::print_list(&read(answer)?),
            Show::Title => title::print_title(&read(answer)?),
            Show::Protected => protect::print(&read(answer)?),
            Show::Keys => print!("{}", answer["cpix"].as_str().unwrap_or_default()),
            Show::Removed => println!(
                "removed {}; {} bytes freed",
                answer["removed"].as_str().unwrap_or(""),
                answer["bytes_freed"]
            ),
            Show::Made => version::print_shown(&read(answer)?),
            Show::Versions => version::print_list(&read(answer)?),
            Show::Difference => version::print_difference(&read(answer)?),
            Show::Addresses => play_url::print(&read(answer)?),
            Show::Then => as_of::told::print(&read(answer)?),
            Show::Exported => export::print(&read(answer)?),
            Show::Checked => return check::print(&read(answer)?),
            Show::Placed => order::print_placed(&read(answer)?),
            Show::Order => order::print_order(&read(answer)?),
            Show::Orders => order::print_list(&read(answer)?),
            Show::Evidence => evidence::print(&read(answer)?),
            Show::Transparency => transparency::print(&answer),
            Show::TokenKeys => token::keyring::print(&read(answer)?),
            Show::Window => {
                let told = read(answer)?;
                window::print(&told);
                return window::verdict(&told);
            }
            Show::Rating => classify::print(&read(answer)?),
            Show::Ratings => classify::print_all(&read(answer)?),
            Show::RatingHistory => classify::print_history(&read(answer)?),
            Show::Notifications { csv } => classify::print_list(&read(answer)?, csv),
            Show::Notified => classify::print_sent(&read(answer)?),
            Show::Burnt => burn::print(&read(answer)?),
            Show::Case => case::print(&read(answer)?),
            Show::Cases => case::print_list(&read(answer)?),
            Show::Territories => readiness::print_list(&read(answer)?),
            Show::Readiness => readiness::print(&read(answer)?),
            Show::Trial => readiness::trial::print(&read(answer)?),
            Show::Webhook => webhook::print(&read(answer)?),
            Show::Webhooks => webhook::print_list(&read(answer)?),
            Show::WebhookOpened => webhook::print_opened(&read(answer)?),
            Show::WebhookTested => webhook::print_attempt(&read(answer)?),
            Show::Token => println!("{}", answer["token"].as_str().unwrap_or_default()),
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned>(answer: Value) -> Result<T> {
    serde_json::from_value(answer).map_err(|e| {
        Error::internal(format!("the owner's answer is not understood: {e}"))
            .remedy("Use the same release of phim for both")
    })
}
