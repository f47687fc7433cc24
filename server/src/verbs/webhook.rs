//! `phim webhook …`: programs of others that are told of decisions.

use clap::Subcommand;

use crate::acts::Act;
use crate::webhook::Wish;

#[derive(Subcommand, Debug)]
pub enum Webhook {
    /// Tell an address of decisions that are taken from now on; prints what its messages are verified with
    #[command(
        after_help = "Messages are signed as Standard Webhooks has it and sent by phim serve, in the order of the decisions.\n\nExamples:\n  phim webhook add https://desk.example/phim --events order.placed,order.in_force,proposal.*\n  phim webhook add http://10.0.0.7:9000/phim --private"
    )]
    Add {
        #[arg(value_name = "URL")]
        url: String,
        /// What it is told: names such as order.placed, groups such as proposal.*; everything when left out
        #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
        events: Vec<String>,
        /// The address may be one of this machine or of a network of yours, and http
        #[arg(long)]
        private: bool,
    },
    /// List the webhooks and how they stand
    List,
    /// Show one, with its secret and the key of its signatures
    Show { id: String },
    /// Send a message that means nothing, once
    Test { id: String },
    /// Go on with one that was given up, or try one that fails again now
    Resume { id: String },
    /// End one
    Remove { id: String },
}

impl Webhook {
    pub fn into_act(self) -> Act {
        match self {
            Webhook::Add { url, events, private } => Act::WebhookAdd { wish: Wish { url, events }, private },
            Webhook::List => Act::WebhookList,
            Webhook::Show { id } => Act::WebhookShow { id },
            Webhook::Test { id } => Act::WebhookTest { id },
            Webhook::Resume { id } => Act::WebhookResume { id },
            Webhook::Remove { id } => Act::WebhookRemove { id },
        }
    }
}
