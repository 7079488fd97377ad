//! One passage of the live text.

use super::{Base, NO_ARTICLE, pointer};

fn path(id: &str, rest: &str) -> String {
    format!("/api/v1/articles/{id}/translations/{rest}")
}

#[tokio::test]
async fn a_passage_is_quoted_by_its_heading_or_from_the_beginning() {
    let base = Base::new(1).await;
    let id = base.article.id.to_string();
    let start = base.nobody.get(&path(&id, "en/passage")).await.json();
    assert_eq!(start["text"], "The heron stands.");
    assert_eq!(start.get("heading"), None);
    let where_ = path(&id, "en/passage?anchor=where");
    let found = base.nobody.get(&where_).await.json();
    assert_eq!(
        (found["heading"].as_str(), found["text"].as_str()),
        (Some("Where"), Some("In the water."))
    );
    assert!(found["url"].as_str().unwrap().ends_with("#where"));
    base.end();
}

#[tokio::test]
async fn a_passage_of_what_is_hidden_or_not_there_is_absent() {
    let base = Base::new(2).await;
    let (id, hidden) = (base.article.id.to_string(), base.hidden.id.to_string());
    let absent = base.customer.get(&path(NO_ARTICLE, "en/passage")).await;
    let secret = base.customer.get(&path(&hidden, "en/passage")).await;
    assert_eq!((secret.status, secret.text), (404, absent.text));
    for rest in ["en/passage?anchor=nowhere", "fr/passage"] {
        let answer = base.customer.get(&path(&id, rest)).await;
        assert_eq!(answer.status, 404, "{rest}");
    }
    let odd = base.customer.get(&path(&id, "english/passage")).await;
    assert_eq!((odd.status, pointer(&odd).as_str()), (400, "/locale"));
    base.end();
}
