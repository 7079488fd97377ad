//! What the service says when it does not do what was asked, and which of it is asked again.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use kb_store::{Error, Key};

/// Codes of a reason for which a transaction may succeed if it is asked for again as it is.
const PASSING: [&str; 4] = [
    "None",
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
];

/// The SDK asks again by itself where the service is away or wants to be spared. It does not know that a conflict passes.
#[derive(Debug)]
pub(crate) struct Conflicts;

impl ClassifyRetry for Conflicts {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let Some(error) = error.as_operation_error() else {
            return RetryAction::NoActionIndicated;
        };
        match error.downcast_ref::<TransactWriteItemsError>() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled))
                if canceled.cancellation_reasons().iter().all(passes) =>
            {
                RetryAction::transient_error()
            }
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "conflicts of transactions"
    }
}

fn passes(reason: &CancellationReason) -> bool {
    reason.code().is_none_or(|code| PASSING.contains(&code))
}

/// An error of a call about `key`. What the service refuses as wrong is broken; all else may pass.
pub(crate) fn error<E, R>(key: &Key, error: &SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let code = error.as_service_error().and_then(|e| e.code());
    let cause = DisplayErrorContext(error).to_string();
    match code {
        Some(
            "ValidationException"
            | "SerializationException"
            | "IdempotentParameterMismatchException"
            | "ItemCollectionSizeLimitExceededException",
        ) => Error::broken(key, cause),
        _ => Error::unavailable(cause),
    }
}
