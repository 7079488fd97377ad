//! Writes: a transaction is one call with a token, so that a call that is repeated, by the SDK or by the network, happens once.

use crate::attribute::{of_sdk, to_sdk, value_to_sdk};
use crate::item::{self, COUNT, EXPIRES, KIND, PARTITION, VERSION, Value};
use crate::units::{Units, writes};
use crate::{DynamoTable, fault};
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use kb_store::table::COUNTER;
use kb_store::{Condition, Error, Key, Op, Row, TableName, Transaction, Version};
use std::collections::HashMap;

/// A condition as the service is told it.
struct Told {
    expression: &'static str,
    names: &'static [(&'static str, &'static str)],
    values: Vec<(&'static str, Value)>,
}

impl Told {
    fn names(&self) -> HashMap<String, String> {
        let names = self.names.iter();
        names
            .map(|(n, a)| ((*n).to_owned(), (*a).to_owned()))
            .collect()
    }

    fn values(&self) -> HashMap<String, AttributeValue> {
        let values = self.values.iter();
        values
            .map(|(n, v)| ((*n).to_owned(), value_to_sdk(v.clone())))
            .collect()
    }
}

const ROW: &[(&str, &str)] = &[("#p", PARTITION), ("#e", EXPIRES)];
const VERSIONED: &[(&str, &str)] = &[("#v", VERSION), ("#e", EXPIRES)];
const WHOLE: &[(&str, &str)] = &[("#p", PARTITION), ("#v", VERSION), ("#e", EXPIRES)];

/// A condition at `now`, in seconds since 1970; `None` asks nothing.
fn told(condition: Condition, now: i64) -> Option<Told> {
    let now = (":now", Value::N(now.into()));
    match condition {
        Condition::Any => None,
        Condition::Absent => Some(Told {
            expression: "attribute_not_exists(#p) OR #e <= :now",
            names: ROW,
            values: vec![now],
        }),
        Condition::Version(n) => Some(Told {
            expression: "#v = :v AND (attribute_not_exists(#e) OR #e > :now)",
            names: VERSIONED,
            values: vec![now, (":v", Value::N(n.into()))],
        }),
    }
}

/// What a put demands that demands nothing else: no older row over a newer one.
fn newest(version: Version, now: i64) -> Told {
    Told {
        expression: "attribute_not_exists(#p) OR #v < :v OR #e <= :now",
        names: WHOLE,
        values: vec![
            (":now", Value::N(now.into())),
            (":v", Value::N(version.into())),
        ],
    }
}

impl DynamoTable {
    pub(crate) async fn write(&self, transaction: &Transaction) -> Result<Version, Error> {
        match transaction.ops.as_slice() {
            [Op::Put(key, row, Condition::Any)] => self.put(transaction, key, row).await,
            _ => self.transact(transaction).await,
        }
    }

    /// One row, whatever was there: half the price of a transaction. Repeated, it finds itself there.
    async fn put(&self, transaction: &Transaction, key: &Key, row: &Row) -> Result<Version, Error> {
        let version = transaction.version();
        let now = seconds(transaction);
        let item = item::of_row(key, row, version)?;
        let condition = newest(version, now);
        let call = self
            .client
            .put_item()
            .table_name(self.name(transaction.table))
            .set_item(Some(to_sdk(item.clone())))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(Some(condition.names()))
            .set_expression_attribute_values(Some(condition.values()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let done = call.send().await;
        self.meter.add(Units {
            calls: 1,
            writes: writes(item::bytes(&item), false),
            index_writes: row.indexes.len() as u64,
            ..Units::default()
        });
        match done {
            Ok(_) => Ok(version),
            Err(SdkError::ServiceError(refused)) => match refused.err() {
                PutItemError::ConditionalCheckFailedException(failed) => {
                    let there = failed.item().map(of_sdk);
                    if there.as_ref() == Some(&item) {
                        return Ok(version);
                    }
                    Err(condition_failed(key, there.as_ref(), now))
                }
                _ => Err(fault::error(key, &SdkError::ServiceError(refused))),
            },
            Err(other) => Err(fault::error(key, &other)),
        }
    }

    /// Adds to a count that expires: one call, which answers the count after it.
    pub(crate) async fn count(
        &self,
        table: TableName,
        key: &Key,
        n: i64,
        now_us: u64,
        expires_at: i64,
    ) -> Result<i64, Error> {
        let name = self.name(table);
        let step = add(key, n, name, now_us).build();
        let step = step.map_err(|e| Error::broken(key, e))?;
        let call = self
            .client
            .update_item()
            .table_name(name)
            .set_key(Some(step.key))
            .update_expression("SET #v = :v, #k = :k, #b = :b, #e = :e ADD #n :n")
            .set_condition_expression(step.condition_expression)
            .set_expression_attribute_names(step.expression_attribute_names)
            .expression_attribute_names("#e", EXPIRES)
            .set_expression_attribute_values(step.expression_attribute_values)
            .expression_attribute_values(":e", AttributeValue::N(expires_at.to_string()))
            .return_values(ReturnValue::UpdatedNew);
        let done = call.send().await;
        self.meter.add(Units {
            calls: 1,
            writes: writes(item::bytes(&item::key_of(key)), false),
            ..Units::default()
        });
        let after = match done {
            Ok(after) => after,
            Err(error) => {
                let refused = error.as_service_error();
                if refused.is_some_and(UpdateItemError::is_conditional_check_failed_exception) {
                    let key = key.clone();
                    return Err(Error::Condition { key, found: None });
                }
                return Err(fault::error(key, &error));
            }
        };
        let counted = after.attributes().and_then(|item| item.get(COUNT));
        let counted = counted.and_then(|n| n.as_n().ok()?.parse().ok());
        counted.ok_or_else(|| Error::broken(key, "the service answered no count"))
    }

    async fn transact(&self, transaction: &Transaction) -> Result<Version, Error> {
        let version = transaction.version();
        let now = seconds(transaction);
        let name = self.name(transaction.table);
        // A check that asks nothing is none.
        let asked: Vec<&Op> = transaction
            .ops
            .iter()
            .filter(|op| !matches!(op, Op::Check(_, Condition::Any)))
            .collect();
        let (mut items, mut used) = (Vec::with_capacity(asked.len()), Units::default());
        for op in &asked {
            items.push(one(op, name, version, now, &mut used)?);
        }
        if items.is_empty() {
            return Ok(version);
        }
        used.calls = 1;
        let call = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(self.ids.uuid().to_string());
        let done = call.send().await;
        self.meter.add(used);
        match done {
            Ok(_) => Ok(version),
            Err(error) => Err(failed(&asked, &error, now)),
        }
    }
}

/// An operation as the service is told it.
fn one(
    op: &Op,
    name: &str,
    version: Version,
    now: i64,
    used: &mut Units,
) -> Result<TransactWriteItem, Error> {
    let key = op.key();
    let built = |e: BuildError| Error::broken(key, e);
    let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
    let whole = TransactWriteItem::builder();
    let mut bytes = item::bytes(&item::key_of(key));
    let item = match op {
        Op::Put(_, row, condition) => {
            let told = told(*condition, now).unwrap_or_else(|| newest(version, now));
            let item = item::of_row(key, row, version)?;
            bytes = item::bytes(&item);
            used.index_writes += row.indexes.len() as u64;
            let put = Put::builder()
                .table_name(name)
                .set_item(Some(to_sdk(item)))
                .condition_expression(told.expression)
                .set_expression_attribute_names(Some(told.names()))
                .set_expression_attribute_values(Some(told.values()))
                .return_values_on_condition_check_failure(all_old);
            whole.put(put.build().map_err(built)?)
        }
        Op::Delete(_, condition) => {
            let mut delete = Delete::builder()
                .table_name(name)
                .set_key(Some(to_sdk(item::key_of(key))))
                .return_values_on_condition_check_failure(all_old);
            if let Some(told) = told(*condition, now) {
                delete = delete
                    .condition_expression(told.expression)
                    .set_expression_attribute_names(Some(told.names()))
                    .set_expression_attribute_values(Some(told.values()));
            }
            whole.delete(delete.build().map_err(built)?)
        }
        Op::Check(_, condition) => {
            let mut check = ConditionCheck::builder()
                .table_name(name)
                .set_key(Some(to_sdk(item::key_of(key))))
                .return_values_on_condition_check_failure(all_old);
            if let Some(told) = told(*condition, now) {
                check = check
                    .condition_expression(told.expression)
                    .set_expression_attribute_names(Some(told.names()))
                    .set_expression_attribute_values(Some(told.values()));
            }
            whole.condition_check(check.build().map_err(built)?)
        }
        Op::Add(_, step) => whole.update(add(key, *step, name, version).build().map_err(built)?),
    };
    used.writes += writes(bytes, true);
    Ok(item.build())
}

fn add(
    key: &Key,
    step: i64,
    name: &str,
    version: Version,
) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
    Update::builder()
        .table_name(name)
        .set_key(Some(to_sdk(item::key_of(key))))
        .update_expression("SET #v = :v, #k = :k, #b = :b ADD #n :n")
        .condition_expression("attribute_not_exists(#p) OR #k = :k")
        .expression_attribute_names("#p", PARTITION)
        .expression_attribute_names("#v", VERSION)
        .expression_attribute_names("#k", KIND)
        .expression_attribute_names("#b", item::BODY)
        .expression_attribute_names("#n", COUNT)
        .expression_attribute_values(":v", AttributeValue::N(version.to_string()))
        .expression_attribute_values(":k", AttributeValue::S(COUNTER.to_owned()))
        .expression_attribute_values(":b", AttributeValue::S("{}".to_owned()))
        .expression_attribute_values(":n", AttributeValue::N(step.to_string()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
}

fn failed(
    asked: &[&Op],
    error: &SdkError<TransactWriteItemsError, impl std::fmt::Debug>,
    now: i64,
) -> Error {
    let first = asked[0].key();
    let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
        error.as_service_error()
    else {
        return fault::error(first, error);
    };
    let reasons = || asked.iter().zip(canceled.cancellation_reasons());
    let of = |code: &str| {
        let has = |reason: &CancellationReason| reason.code() == Some(code);
        reasons().find(|(_, reason)| has(reason))
    };
    if let Some((op, reason)) = of("ConditionalCheckFailed") {
        return condition_failed(op.key(), reason.item().map(of_sdk).as_ref(), now);
    }
    match of("ValidationError").or_else(|| of("ItemCollectionSizeLimitExceeded")) {
        Some((op, reason)) => Error::broken(op.key(), reason.message().unwrap_or("refused")),
        None => fault::error(first, error),
    }
}

fn condition_failed(key: &Key, there: Option<&item::Item>, now: i64) -> Error {
    let number = |item: &item::Item, name: &str| match item.get(name) {
        Some(Value::N(n)) => Some(*n),
        _ => None,
    };
    let live = there.filter(|item| number(item, EXPIRES).is_none_or(|end| end > now.into()));
    Error::Condition {
        key: key.clone(),
        found: live
            .and_then(|item| number(item, VERSION))
            .and_then(|v| u64::try_from(v).ok()),
    }
}

fn seconds(transaction: &Transaction) -> i64 {
    i64::try_from(transaction.now_us / 1_000_000).unwrap_or(i64::MAX)
}
