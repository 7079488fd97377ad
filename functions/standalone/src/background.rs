//! Tasks that work as long as the program answers. One that is gone ends the program, so that whoever watches over it starts it
//! anew: a server whose indexer is dead looks well and is not.

use crate::exit::Failure;
use std::collections::HashMap;
use tokio::task::{AbortHandle, Id, JoinSet};

/// The tasks.
#[derive(Default)]
pub struct Background {
    tasks: JoinSet<()>,
    names: HashMap<Id, &'static str>,
}

impl Background {
    /// Begins one.
    pub fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> AbortHandle {
        let handle = self.tasks.spawn(task);
        self.names.insert(handle.id(), name);
        handle
    }

    /// Waits until one is gone, which none ever should be; says which, and why.
    pub async fn gone(&mut self) -> Failure {
        match self.tasks.join_next_with_id().await {
            // There is none: nothing ever ends.
            None => std::future::pending().await,
            Some(Ok((id, ()))) => self.failure(id, "it ended by itself"),
            Some(Err(error)) => self.failure(error.id(), &error.to_string()),
        }
    }

    /// Waits for all of them, after they were told to end.
    pub async fn ended(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    fn failure(&self, id: Id, why: &str) -> Failure {
        let name = self.names.get(&id).copied().unwrap_or("a task");
        Failure::environment(format!(
            "{name} is gone ({why}); the log says more, and the next start goes on where it was"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[tokio::test]
    async fn a_task_that_panics_or_ends_is_named() {
        for (task, why) in [
            (tokio::spawn(async { panic!("the disk") }), "panic"),
            (tokio::spawn(async {}), "by itself"),
        ] {
            let mut background = Background::default();
            background.spawn("the clock", std::future::pending());
            background.spawn("the indexer", async move {
                if let Err(error) = task.await {
                    std::panic::resume_unwind(error.into_panic());
                }
            });
            let failure = background.gone().await;
            assert_eq!(failure.exit, Exit::Environment);
            let said = failure.sentence;
            assert!(said.starts_with("the indexer is gone"), "{said}");
            assert!(said.contains(why), "{said}");
        }
    }

    #[tokio::test]
    async fn what_is_told_to_end_is_waited_for() {
        let mut background = Background::default();
        let handle = background.spawn("the indexer", std::future::pending());
        handle.abort();
        background.ended().await;
    }
}
