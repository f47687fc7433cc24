use expect_test::expect;

use super::*;

#[test]
fn a_list_is_a_table_without_formulas() {
    let told = Told {
        to: "MCST".into(),
        sent: "2026-11-21T10:00:00Z".parse().unwrap(),
        receipt: Some("118/PTH".into()),
    };
    let names = BTreeMap::from([
        ("vi".to_string(), "Bay, \"đêm\"".to_string()),
        ("en".to_string(), "=cmd|' /C calc'!A0".to_string()),
    ]);
    let line = Line {
        title: "flight".into(),
        version: "whole".into(),
        composition: "c0ffee".into(),
        names,
        year: Some(2026),
        kind: "film".into(),
        label: "T16".into(),
        criteria: vec!["bạo lực".into(), "kinh dị".into()],
        rated_by: "regulator".into(),
        certificate: Some("12/GP".into()),
        rated: "2026-11-20T10:00:00Z".parse().unwrap(),
        untold: Vec::new(),
        due: None,
        told: vec![told],
    };
    expect![[r#"
        no,title,version,name_vi,name_ko,name_en,year,kind,label,criteria,rated_by,certificate,rated,notified_to,notified,receipt,composition
        1,flight,whole,"Bay, ""đêm""",,"'=cmd|' /C calc'!A0",2026,film,T16,bạo lực; kinh dị,regulator,12/GP,2026-11-20T10:00:00Z,MCST,2026-11-21T10:00:00Z,118/PTH,c0ffee
    "#]]
    .assert_eq(&csv(&[line]).replace("\r\n", "\n"));
}
