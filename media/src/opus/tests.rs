use super::{Config, periods};

#[test]
fn lengths_of_packets() {
    // SILK 20 ms, hybrid 10 ms, CELT 2.5 ms and 20 ms; one, two, and a counted number of frames.
    assert_eq!(periods(&[1 << 3]), Ok(960));
    assert_eq!(periods(&[3 << 3 | 1]), Ok(5760));
    assert_eq!(periods(&[12 << 3]), Ok(480));
    assert_eq!(periods(&[16 << 3 | 3, 0x82]), Ok(240));
    assert_eq!(periods(&[31 << 3 | 2]), Ok(1920));
    assert!(periods(&[]).is_err() && periods(&[31 << 3 | 3]).is_err(), "cut off");
    assert!(periods(&[31 << 3 | 3, 0]).is_err() && periods(&[31 << 3 | 3, 7]).is_err(), "0 and 140 ms");
}

#[test]
fn configuration() {
    assert_eq!(Config::read(&[0, 2, 1, 0x38, 0, 0]), Ok(Config { channels: 2, pre_skip: 312 }));
    assert!(
        Config::read(&[0, 0, 0, 0]).is_err()
            && Config::read(&[1, 2, 0, 0]).is_err()
            && Config::read(&[0, 2]).is_err()
    );
}
