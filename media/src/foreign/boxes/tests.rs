use super::{Budget, children, top};
use crate::foreign::tests::forge::{atom, words};

#[test]
fn the_budget_bounds_boxes_and_tables() {
    let four = atom(b"free", &[&[0; 12]]).repeat(4);
    let mut budget = Budget { boxes: 4, table_bytes: 30 };
    let boxes = top(&four, &mut budget).expect("four boxes for a budget of four");
    assert!(top(&four, &mut budget).is_err(), "the budget is of the file, not of one walk");
    assert!(budget.table(&boxes[0]).is_ok() && budget.table(&boxes[1]).is_ok());
    assert!(budget.table(&boxes[2]).is_err());
}

#[test]
fn sizes_of_every_form_are_read() {
    let long = [&words(&[1])[..], b"skip", &words(&[0, 20]), b"body"].concat();
    let open = [&words(&[0])[..], b"mdat", b"to the end"].concat();
    let file = [long.as_slice(), &open].concat();
    let boxes = top(&file, &mut Budget::of_a_file()).expect("read");
    let seen: Vec<_> = boxes.iter().map(|b| (&b.kind, b.start, b.body)).collect();
    assert_eq!(seen, [(b"skip", 0, &b"body"[..]), (b"mdat", 20, b"to the end")]);
}

#[test]
fn a_child_cannot_leave_its_parent_and_padding_is_no_child() {
    let wide = [&words(&[16])[..], b"free"].concat();
    let parent = atom(b"udta", &[&wide, &words(&[0])]);
    let boxes = top(&parent, &mut Budget::of_a_file()).expect("read");
    assert!(children(&boxes[0], 0, &mut Budget::of_a_file()).is_err());
    let parent = atom(b"udta", &[&atom(b"free", &[]), &words(&[0])]);
    let boxes = top(&parent, &mut Budget::of_a_file()).expect("read");
    assert_eq!(children(&boxes[0], 0, &mut Budget::of_a_file()).expect("one child").len(), 1);
}

#[test]
fn only_the_last_mdat_may_run_past_the_end() {
    let mut file = atom(b"mdat", &[b"cut"]);
    file[3] += 9;
    assert_eq!(top(&file, &mut Budget::of_a_file()).expect("tolerated")[0].body, b"cut");
    file[4..8].copy_from_slice(b"moov");
    assert!(top(&file, &mut Budget::of_a_file()).is_err());
}
