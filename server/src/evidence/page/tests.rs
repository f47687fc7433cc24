use super::*;

#[test]
fn times_and_words_of_cues() {
    assert_eq!(clock(2478.0), "0:41:18.000");
    assert_eq!(clock(7325.0415), "2:02:05.042");
    assert_eq!(plain("<i>Xin\nchào</i> &amp; <c.x>\"bạn\"</c>"), "Xin<br>chào &amp; &quot;bạn&quot;");
    assert_eq!(escape("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
}
