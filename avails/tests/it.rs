//! Whole files: those of others, and those that lie.

mod it {
    mod cases;
    mod hostile;
}
