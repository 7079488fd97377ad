//! The pages of the sidebar.

use super::Base;

#[tokio::test]
async fn the_sidebar_is_the_same_for_everybody_in_the_asked_language() {
    let base = Base::new(1).await;
    let path = "/agent/ticket?system=demo&id=7&locale=zh-TW";
    let page = base.nobody.get(path).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("lang=\"zh-Hant\""));
    assert!(!page.text.contains("beep"));
    assert_eq!(base.agent.get(path).await.text, page.text);
    base.end();
}
