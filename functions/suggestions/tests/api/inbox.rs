//! The demo's inbox: list, read, reply.

use super::Base;
use kb_testkit::{Answered, Client, World};

const INBOX: &str = "/agent/inbox";
const TICKET: &str = "/agent/inbox/7";

async fn send(client: &Client, path: &str, body: &str) -> Answered {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    client.send("POST", path, &headers, body.to_owned()).await
}

fn is_html(answer: &Answered) -> bool {
    answer.header("content-type").starts_with("text/html")
}

#[tokio::test]
async fn an_agent_reads_the_list_and_a_ticket() {
    let base = Base::new(1).await;
    let list = base.agent.get(INBOX).await;
    assert!(list.text.contains("It does not beep."), "{}", list.text);
    let one = base.agent.get("/agent/inbox/7?locale=zh-CN").await;
    assert!(one.text.contains("It does not beep."));
    assert!(one.text.contains("<html lang=\"zh-Hans\""));
    assert!(one.text.contains("aria-current=\"page\""));
    base.end();
}

#[tokio::test]
async fn a_reply_is_added_and_one_that_cannot_be_is_shown_again_with_the_reason() {
    let base = Base::new(2).await;
    let added = send(&base.agent, TICKET, "text=Press+twice&author=agent").await;
    assert_eq!(
        (added.status, added.header("location")),
        (303, "/agent/inbox/7?locale=en")
    );
    let page = base.agent.get(TICKET).await.text;
    assert!(page.contains("Press twice"));

    let empty = send(&base.agent, TICKET, "text=+&author=agent").await;
    assert_eq!(empty.status, 422);
    assert!(
        empty.text.contains("Write something first."),
        "{}",
        empty.text
    );
    let chinese = format!("{TICKET}?locale=zh-TW");
    let unread = send(&base.agent, &chinese, "text=Keep+%3Cthis%3E&author=king").await;
    assert_eq!(unread.status, 422);
    assert!(
        unread.text.contains("Keep &#60;this&#62;</textarea>"),
        "{}",
        unread.text
    );
    assert!(unread.text.contains("無法讀取此內容"));
    let long = format!("text={}&author=agent", "x".repeat(260_000));
    let long = send(&base.agent, TICKET, &long).await;
    assert_eq!(long.status, 422);
    assert!(long.text.contains("This is too long."));
    let page = base.agent.get(TICKET).await.text;
    assert!(!page.contains("Keep"));
    base.end();
}

#[tokio::test]
async fn strangers_are_told_on_a_page_and_alike_for_what_is_not_there() {
    let base = Base::new(3).await;
    for path in [INBOX, TICKET, "/agent/inbox/none"] {
        for (client, status) in [(&base.nobody, 401), (&base.customer, 403)] {
            let answer = client.get(path).await;
            assert_eq!(answer.status, status, "{path}");
            assert!(is_html(&answer) && !answer.text.contains("beep"), "{path}");
        }
    }
    for path in [TICKET, "/agent/inbox/none"] {
        for (client, status) in [(&base.nobody, 401), (&base.customer, 403)] {
            let answer = send(client, path, "text=Hi&author=agent").await;
            assert_eq!((answer.status, is_html(&answer)), (status, true), "{path}");
        }
    }
    let signs_in = base.nobody.get(INBOX).await.text;
    assert!(signs_in.contains("href=\"/sign-in\""), "{signs_in}");
    base.end();
}

#[tokio::test]
async fn what_is_absent_or_malformed_is_told_on_a_page_in_the_readers_language() {
    let base = Base::new(4).await;
    let headers = [("accept-language", "zh-CN")];
    let absent = base
        .agent
        .send("GET", "/agent/inbox/none", &headers, "")
        .await;
    assert_eq!((absent.status, is_html(&absent)), (404, true));
    assert!(absent.text.contains("<html lang=\"zh-Hans\""));
    let cursor = base.agent.get("/agent/inbox?cursor=zz").await;
    assert_eq!((cursor.status, is_html(&cursor)), (400, true));
    let nowhere = send(&base.agent, "/agent/inbox/none", "text=Hi&author=agent").await;
    assert_eq!((nowhere.status, is_html(&nowhere)), (404, true));
    let json = base.agent.json("POST", TICKET, &[], &super::ticket()).await;
    assert_eq!((json.status, is_html(&json)), (415, true));
    base.end();
}

#[tokio::test]
async fn without_the_demo_there_is_no_inbox() {
    let mut world = World::new(5);
    world.settings.demo = false;
    let base = Base::of(world).await;
    assert_eq!(base.agent.get(INBOX).await.status, 404);
    let reply = send(&base.agent, TICKET, "text=Hi&author=agent").await;
    assert_eq!(reply.status, 404);
    base.end();
}
