use super::*;
use crate::fields::{Fields, text_of};
use crate::jsonl::Record;

fn record(json: &str) -> Item {
    let fields: Fields = serde_json::from_str(json).unwrap();
    let id = fields.all(&["id"]).find_map(|(_, v)| text_of(v)).unwrap();
    from_record(Record { id, fields }, &asked())
}

#[test]
fn a_record_is_an_article_and_what_is_odd_in_it_costs_itself() {
    let item =
        record(r#"{"id":"x","title":"T","body":"b","path":["A","B",3],"tags":[1,"p,q",""]}"#);
    assert_eq!(item.folders.len(), 3);
    assert_eq!(item.labels, ["1", "p q"]);
    assert_eq!(
        record(r#"{"id":"x","title":2024,"body":"b"}"#).title,
        "2024"
    );
    assert!(
        record(r#"{"id":"x","title":"T","body":"b","lang":"klingon"}"#).warnings[0]
            .contains("lang")
    );
    let both = record(r#"{"id":"x","title":"T","body":"b","html":"<p>h</p>"}"#);
    assert_eq!(
        (both.body.format, both.warnings.len()),
        (BodyFormat::Html, 1)
    );
    for secret in [
        r#""draft":true"#,
        r#""status":"draft""#,
        r#""visibility":"internal""#,
        r#""published":false"#,
        r#""meta":{"private":1}"#,
        r#""publish_at":"2031-01-01""#,
        r#""user_segment_id":7"#,
        r#""tags":["internal"]"#,
        r#""audience":"staff""#,
        r#""deleted_at":"2020-01-01""#,
    ] {
        let item = record(&format!(
            r#"{{"id":"m","title":"Secret plan","body":"The launch is in May.",{secret}}}"#
        ));
        assert!(item.draft, "{secret}");
    }
    assert!(
        !record(r#"{"id":"m","title":"T","body":"b","draft":false,"state":"published"}"#).draft
    );
    assert!(
        record(r#"{"id":"m","title":"T"}"#).draft,
        "a title alone is a draft"
    );
    assert_eq!(
        record(r#"{"id":"m","title":"T","body":"b","html_url":"https://a.example/hc/1-x"}"#)
            .redirects,
        ["/hc/1-x"]
    );
}
