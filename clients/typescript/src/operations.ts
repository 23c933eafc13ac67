// Made by `make clients` from the contract. Do not edit.
import type { components } from "./schema.js";

export type Effect = "repeatable" | "keyed" | "once";

export const OPERATIONS: Readonly<Record<string, Effect>> = {
  "DELETE /v1/identity/api-keys/{key_id}": "repeatable",
  "DELETE /v1/identity/passkeys/{passkey_id}": "repeatable",
  "DELETE /v1/identity/sessions/current": "repeatable",
  "DELETE /v1/identity/totp": "repeatable",
  "DELETE /v1/identity/wallets/{address}": "repeatable",
  "DELETE /v1/trading/orders/{order_id}": "repeatable",
  "GET /v1/ai/lessons": "repeatable",
  "GET /v1/ai/recommendations": "repeatable",
  "GET /v1/ai/recommendations/{recommendation_id}": "repeatable",
  "GET /v1/analytics/candles/{instrument}": "repeatable",
  "GET /v1/analytics/performance": "repeatable",
  "GET /v1/cache/stats": "repeatable",
  "GET /v1/chain/accounts/{address}": "repeatable",
  "GET /v1/chain/balances": "repeatable",
  "GET /v1/chain/status": "repeatable",
  "GET /v1/chain/transactions": "repeatable",
  "GET /v1/chain/transactions/{signature}": "repeatable",
  "GET /v1/database/health": "repeatable",
  "GET /v1/events/topics": "repeatable",
  "GET /v1/flows/orders/{order_id}/story": "repeatable",
  "GET /v1/identity/api-keys": "repeatable",
  "GET /v1/identity/jwks": "repeatable",
  "GET /v1/identity/me": "repeatable",
  "GET /v1/identity/second-factors": "repeatable",
  "GET /v1/identity/users": "repeatable",
  "GET /v1/identity/wallets": "repeatable",
  "GET /v1/ingestion/books/{instrument}": "repeatable",
  "GET /v1/ingestion/quarantine": "repeatable",
  "GET /v1/ingestion/quotes/{instrument}": "repeatable",
  "GET /v1/ingestion/quotes/{instrument}/stream": "repeatable",
  "GET /v1/ingestion/sources": "repeatable",
  "GET /v1/ml/models": "repeatable",
  "GET /v1/operations/audit": "repeatable",
  "GET /v1/operations/audit/checkpoint": "repeatable",
  "GET /v1/operations/summary": "repeatable",
  "GET /v1/oracle/prices/{symbol}": "repeatable",
  "GET /v1/oracle/prices/{symbol}/history": "repeatable",
  "GET /v1/queue/queues": "repeatable",
  "GET /v1/queue/queues/{queue}/dead": "repeatable",
  "GET /v1/stream/topics": "repeatable",
  "GET /v1/trading/fills": "repeatable",
  "GET /v1/trading/ledger": "repeatable",
  "GET /v1/trading/orders": "repeatable",
  "GET /v1/trading/orders/stream": "repeatable",
  "GET /v1/trading/orders/{order_id}": "repeatable",
  "GET /v1/trading/orders/{order_id}/story": "repeatable",
  "GET /v1/trading/positions": "repeatable",
  "GET /v1/trading/risk": "repeatable",
  "POST /v1/ai/chat": "once",
  "POST /v1/ai/memory/search": "repeatable",
  "POST /v1/ai/recommendations": "keyed",
  "POST /v1/ai/recommendations/{recommendation_id}/approval": "keyed",
  "POST /v1/analytics/metrics": "repeatable",
  "POST /v1/analytics/overfitting": "repeatable",
  "POST /v1/analytics/shortfall": "repeatable",
  "POST /v1/identity/api-keys": "once",
  "POST /v1/identity/keys/rotations": "keyed",
  "POST /v1/identity/passkeys": "keyed",
  "POST /v1/identity/passkeys/challenges": "once",
  "POST /v1/identity/passkeys/options": "once",
  "POST /v1/identity/passkeys/sessions": "once",
  "POST /v1/identity/sessions": "once",
  "POST /v1/identity/sessions/refresh": "once",
  "POST /v1/identity/step-ups": "once",
  "POST /v1/identity/step-ups/challenges": "once",
  "POST /v1/identity/tickets": "once",
  "POST /v1/identity/totp": "once",
  "POST /v1/identity/totp/confirmations": "once",
  "POST /v1/identity/users": "once",
  "POST /v1/identity/wallets": "keyed",
  "POST /v1/identity/wallets/challenges": "keyed",
  "POST /v1/identity/wallets/sessions": "once",
  "POST /v1/ingestion/quotes/lookups": "repeatable",
  "POST /v1/ml/models/{name}/infer": "repeatable",
  "POST /v1/oracle/accounts": "repeatable",
  "POST /v1/oracle/prices/lookups": "repeatable",
  "POST /v1/oracle/updates": "repeatable",
  "POST /v1/trading/orders": "keyed",
  "POST /v1/trading/orders/batch": "keyed",
  "POST /v1/trading/orders/cancellations": "repeatable",
  "POST /v1/trading/orders/lookups": "repeatable",
  "POST /v1/trading/risk/kill-switch": "repeatable",
  "POST /v1/trading/risk/portfolio": "repeatable",
  "POST /v1/trading/risk/var-tests": "repeatable",
  "POST /v1/trading/routes": "repeatable",
  "POST /v1/trading/schedules": "repeatable",
};

export const EFFECTS: Readonly<Record<string, Effect>> = {
  "ai.approve": "keyed",
  "ai.chat": "once",
  "ai.get_recommendation": "repeatable",
  "ai.list_lessons": "repeatable",
  "ai.list_recommendations": "repeatable",
  "ai.recommend": "keyed",
  "ai.search_memory": "repeatable",
  "analytics.assess_overfitting": "repeatable",
  "analytics.get_candles": "repeatable",
  "analytics.get_performance": "repeatable",
  "analytics.measure_returns": "repeatable",
  "analytics.measure_shortfall": "repeatable",
  "cache.stats": "repeatable",
  "chain.get_account": "repeatable",
  "chain.get_balances": "repeatable",
  "chain.get_transaction": "repeatable",
  "chain.list_transactions": "repeatable",
  "chain.status": "repeatable",
  "database.health": "repeatable",
  "events.stats": "repeatable",
  "flows.tell": "repeatable",
  "identity.confirm_totp": "once",
  "identity.create_api_key": "once",
  "identity.create_passkey_challenge": "once",
  "identity.create_passkey_options": "once",
  "identity.create_passkey_session": "once",
  "identity.create_session": "once",
  "identity.create_step_up": "once",
  "identity.create_step_up_challenge": "once",
  "identity.create_ticket": "once",
  "identity.create_user": "once",
  "identity.create_wallet_challenge": "keyed",
  "identity.create_wallet_session": "once",
  "identity.disable_totp": "repeatable",
  "identity.end_session": "repeatable",
  "identity.enrol_totp": "once",
  "identity.get_second_factors": "repeatable",
  "identity.jwks": "repeatable",
  "identity.link_wallet": "keyed",
  "identity.list_api_keys": "repeatable",
  "identity.list_users": "repeatable",
  "identity.list_wallets": "repeatable",
  "identity.me": "repeatable",
  "identity.refresh_session": "once",
  "identity.register_passkey": "keyed",
  "identity.remove_passkey": "repeatable",
  "identity.remove_wallet": "repeatable",
  "identity.revoke_api_key": "repeatable",
  "identity.rotate_key": "keyed",
  "ingestion.get_book": "repeatable",
  "ingestion.get_quote": "repeatable",
  "ingestion.get_quote_batch": "repeatable",
  "ingestion.list_quarantine": "repeatable",
  "ingestion.list_sources": "repeatable",
  "ingestion.watch_quotes": "repeatable",
  "ml.infer": "repeatable",
  "ml.list_models": "repeatable",
  "operations.get_checkpoint": "repeatable",
  "operations.search_audit": "repeatable",
  "operations.summary": "repeatable",
  "oracle.get_price": "repeatable",
  "oracle.get_price_batch": "repeatable",
  "oracle.list_prices": "repeatable",
  "oracle.submit_account": "repeatable",
  "oracle.submit_update": "repeatable",
  "queue.list_dead": "repeatable",
  "queue.list_queues": "repeatable",
  "stream.list_topics": "repeatable",
  "trading.assess_portfolio": "repeatable",
  "trading.cancel_order": "repeatable",
  "trading.cancel_order_batch": "repeatable",
  "trading.get_ledger": "repeatable",
  "trading.get_order": "repeatable",
  "trading.get_order_batch": "repeatable",
  "trading.get_order_story": "repeatable",
  "trading.get_positions": "repeatable",
  "trading.get_risk": "repeatable",
  "trading.list_fills": "repeatable",
  "trading.list_orders": "repeatable",
  "trading.place_order": "keyed",
  "trading.place_order_batch": "keyed",
  "trading.plan_route": "repeatable",
  "trading.plan_schedule": "repeatable",
  "trading.set_kill_switch": "repeatable",
  "trading.validate_var": "repeatable",
  "trading.watch_orders": "repeatable",
};

/** The streams, and what each event is. */
export interface StreamEvents {
  "ingestion.watch_quotes": components["schemas"]["Quote"];
  "trading.watch_orders": components["schemas"]["Order"];
}

/** docs/errors.md explains each. */
export type ErrorCode =
  | "audit_unavailable"
  | "body_too_large"
  | "circuit_open"
  | "conflict"
  | "corrupt_data"
  | "forbidden"
  | "headers_too_large"
  | "internal"
  | "invalid_input"
  | "method_not_allowed"
  | "misconfigured"
  | "misdirected"
  | "not_found"
  | "oracle_refused"
  | "outcome_unknown"
  | "rate_limited"
  | "refused"
  | "request_timeout"
  | "risk_refused"
  | "step_up_required"
  | "unauthenticated"
  | "unavailable"
  | "unsupported_media_type"
  | "upgrade_required"
  | "uri_too_long";
