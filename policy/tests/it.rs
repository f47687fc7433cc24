//! What orders do, from outside the room: the real ones, and many invented.

mod it {
    mod consents;
    mod gate;
    mod house;
    mod lawful;
    mod lawful_histories;
    mod packs;
    mod readiness;
    mod real_orders;
    mod simulation;
}
