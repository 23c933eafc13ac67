// Made by `make clients` from the contract. Do not edit.
export interface paths {
    "/v1/ai/chat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask MIKEY in words. It may call tools with the caller's rights, never beyond.
         * @description Ask MIKEY in words. It may call tools with the caller's rights, never beyond.
         */
        post: operations["ai_chat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ai/lessons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was learned, newest first.
         * @description List what was learned, newest first.
         */
        get: operations["ai_list_lessons"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ai/memory/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find remembered situations and lessons nearest in meaning.
         * @description Find remembered situations and lessons nearest in meaning.
         */
        post: operations["ai_search_memory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ai/recommendations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the caller's recommendations, newest first.
         * @description List the caller's recommendations, newest first.
         */
        get: operations["ai_list_recommendations"];
        put?: never;
        /**
         * Propose what to do with an instrument now, with reasons.
         * @description Propose what to do with an instrument now, with reasons.
         */
        post: operations["ai_recommend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ai/recommendations/{recommendation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return one recommendation of the caller's account.
         * @description Return one recommendation of the caller's account.
         */
        get: operations["ai_get_recommendation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ai/recommendations/{recommendation_id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a recommendation, once, before it expires. Agents cannot.
         * @description Approve a recommendation, once, before it expires. Agents cannot.
         */
        post: operations["ai_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/analytics/candles/{instrument}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return candles of one instrument.
         * @description Return candles of one instrument.
         */
        get: operations["analytics_get_candles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/analytics/markouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return how the market moved 1 s, 10 s and 60 s after each of the caller's fills.
         * @description Return how the market moved 1 s, 10 s and 60 s after each of the caller's fills.
         */
        get: operations["analytics_get_markouts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/analytics/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Measure a series of returns or equity: each figure with its method and source.
         * @description Measure a series of returns or equity: each figure with its method and source.
         */
        post: operations["analytics_measure_returns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/analytics/overfitting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say how much of the best of many trials is luck.
         * @description Say how much of the best of many trials is luck.
         */
        post: operations["analytics_assess_overfitting"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/analytics/performance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return equity curve, return, volatility, Sharpe ratio, drawdown and slippage.
         * @description Return equity curve, return, volatility, Sharpe ratio, drawdown and slippage.
         */
        get: operations["analytics_get_performance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/analytics/shortfall": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Measure what an order cost against its decision price: delay, impact, fees, missed.
         * @description Measure what an order cost against its decision price: delay, impact, fees, missed.
         */
        post: operations["analytics_measure_shortfall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cache/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count entries, hits and misses.
         * @description Count entries, hits and misses.
         */
        get: operations["cache_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chain/accounts/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return one on-chain account.
         * @description Return one on-chain account.
         */
        get: operations["chain_get_account"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chain/balances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return the caller's balances on chain.
         * @description Return the caller's balances on chain.
         */
        get: operations["chain_get_balances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chain/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell which chain is connected and how far it is.
         * @description Tell which chain is connected and how far it is.
         */
        get: operations["chain_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chain/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List transactions, newest first.
         * @description List transactions, newest first.
         */
        get: operations["chain_list_transactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chain/transactions/{signature}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return one transaction.
         * @description Return one transaction.
         */
        get: operations["chain_get_transaction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/database/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell whether the database answers and how much it has done.
         * @description Tell whether the database answers and how much it has done.
         */
        get: operations["database_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/topics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count events and listeners per topic.
         * @description Count events and listeners per topic.
         */
        get: operations["events_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/flows/orders/{order_id}/story": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell one order from the ticks behind it to the ledger and the lesson.
         * @description Tell one order from the ticks behind it to the ledger and the lesson.
         */
        get: operations["flows_tell"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the caller's keys, without their secrets.
         * @description List the caller's keys, without their secrets.
         */
        get: operations["identity_list_api_keys"];
        put?: never;
        /**
         * Make a key for a machine, with some of the caller's permissions, for a while.
         * @description Make a key for a machine, with some of the caller's permissions, for a while.
         */
        post: operations["identity_create_api_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/api-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Make a key prove nobody from now on. A key revokes no other than itself.
         * @description Make a key prove nobody from now on. A key revokes no other than itself.
         */
        delete: operations["identity_revoke_api_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/jwks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the public keys that check access tokens (RFC 7517).
         * @description List the public keys that check access tokens (RFC 7517).
         */
        get: operations["identity_jwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/keys/rotations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign with a new key; the one before is believed until its last token has died.
         * @description Sign with a new key; the one before is believed until its last token has died.
         */
        post: operations["identity_rotate_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell who is signed in and what they may do.
         * @description Tell who is signed in and what they may do.
         */
        get: operations["identity_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add a passkey: a second factor from now on, and a way to sign in.
         * @description Add a passkey: a second factor from now on, and a way to sign in.
         */
        post: operations["identity_register_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/passkeys/{passkey_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Let a passkey prove nothing any more.
         * @description Let a passkey prove nothing any more.
         */
        delete: operations["identity_remove_passkey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/passkeys/challenges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get a challenge that a passkey answers to sign in, once, within five minutes.
         * @description Get a challenge that a passkey answers to sign in, once, within five minutes.
         */
        post: operations["identity_create_passkey_challenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/passkeys/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get what an authenticator needs to make a passkey. It can be answered once.
         * @description Get what an authenticator needs to make a passkey. It can be answered once.
         */
        post: operations["identity_create_passkey_options"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/passkeys/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with a passkey. Raises `Unauthenticated`.
         * @description Sign in with a passkey. Raises `Unauthenticated`.
         */
        post: operations["identity_create_passkey_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/second-factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell which second factors the caller has.
         * @description Tell which second factors the caller has.
         */
        get: operations["identity_get_second_factors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with a password and get a short-lived access token.
         * @description Sign in with a password and get a short-lived access token.
         */
        post: operations["identity_create_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Sign out: every token of this session stops working at once.
         * @description Sign out: every token of this session stops working at once.
         */
        delete: operations["identity_end_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/sessions/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Trade a refresh token for the next pair of tokens.
         * @description Trade a refresh token for the next pair of tokens.
         *
         *     It is good for one use; an equal request within ten seconds gets the same answer. Used
         *     again later it was copied: the whole session ends. Raises `Unauthenticated`.
         */
        post: operations["identity_refresh_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/step-ups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Prove again who you are and get an access token that says so.
         * @description Prove again who you are and get an access token that says so.
         *
         *     By a second factor; by the password only for who has none.
         */
        post: operations["identity_create_step_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/step-ups/challenges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get a challenge that one of the caller's passkeys answers to step up.
         * @description Get a challenge that one of the caller's passkeys answers to step up.
         */
        post: operations["identity_create_step_up_challenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get a ticket that opens one WebSocket as the caller, without a token in its address.
         * @description Get a ticket that opens one WebSocket as the caller, without a token in its address.
         */
        post: operations["identity_create_ticket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the secret for an authenticator app. It counts once a code confirms it.
         * @description Get the secret for an authenticator app. It counts once a code confirms it.
         */
        post: operations["identity_enrol_totp"];
        /**
         * Do without the authenticator app.
         * @description Do without the authenticator app.
         */
        delete: operations["identity_disable_totp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/totp/confirmations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Show a code of the app: from now on it is the caller's second factor.
         * @description Show a code of the app: from now on it is the caller's second factor.
         */
        post: operations["identity_confirm_totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the users with their roles.
         * @description List the users with their roles.
         */
        get: operations["identity_list_users"];
        put?: never;
        /**
         * Add a user. `Conflict` if the name is taken.
         * @description Add a user. `Conflict` if the name is taken.
         */
        post: operations["identity_create_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/wallets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the caller's wallets.
         * @description List the caller's wallets.
         */
        get: operations["identity_list_wallets"];
        put?: never;
        /**
         * Let a wallet sign in as the caller. `Conflict` if it is another user's.
         * @description Let a wallet sign in as the caller. `Conflict` if it is another user's.
         */
        post: operations["identity_link_wallet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/wallets/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Let a wallet sign in no more.
         * @description Let a wallet sign in no more.
         */
        delete: operations["identity_remove_wallet"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/wallets/challenges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the text that a wallet signs to sign in, or to be linked to a user.
         * @description Get the text that a wallet signs to sign in, or to be linked to a user.
         *
         *     It can be answered once, within five minutes.
         */
        post: operations["identity_create_wallet_challenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity/wallets/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with a wallet that is linked to a user. Raises `Unauthenticated`.
         * @description Sign in with a wallet that is linked to a user. Raises `Unauthenticated`.
         */
        post: operations["identity_create_wallet_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestion/books/{instrument}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return the best levels of the book as known now.
         * @description Return the best levels of the book as known now.
         */
        get: operations["ingestion_get_book"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestion/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the frames that were not believed, with reasons.
         * @description List the frames that were not believed, with reasons.
         */
        get: operations["ingestion_list_quarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestion/quotes/{instrument}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return the latest best bid and ask. `NotFound` before the first one.
         * @description Return the latest best bid and ask. `NotFound` before the first one.
         */
        get: operations["ingestion_get_quote"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestion/quotes/{instrument}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow the best bid and ask; a slow reader sees the newest, not each one.
         * @description Follow the best bid and ask; a slow reader sees the newest, not each one.
         */
        get: operations["ingestion_watch_quotes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestion/quotes/lookups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Up to 100 at once: return the latest best bid and ask. `NotFound` before the first one.
         * @description Up to 100 at once: return the latest best bid and ask. `NotFound` before the first one.
         *
         *     Items are carried out side by side, each under the rules of one sent alone; a malformed one refuses the whole.
         */
        post: operations["ingestion_get_quote_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ingestion/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the sources with their health.
         * @description List the sources with their health.
         */
        get: operations["ingestion_list_sources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ml/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List models and versions with their cards.
         * @description List models and versions with their cards.
         */
        get: operations["ml_list_models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ml/models/{name}/infer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a model over rows of features.
         * @description Run a model over rows of features.
         */
        post: operations["ml_infer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search the audit trail, newest first.
         * @description Search the audit trail, newest first.
         */
        get: operations["operations_search_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/audit/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return the newest signed checkpoint of the audit trail, to be kept elsewhere.
         * @description Return the newest signed checkpoint of the audit trail, to be kept elsewhere.
         */
        get: operations["operations_get_checkpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell calls, errors and response times of every department.
         * @description Tell calls, errors and response times of every department.
         */
        get: operations["operations_summary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/oracle/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take the price of an oracle account that the configuration names.
         * @description Take the price of an oracle account that the configuration names.
         */
        post: operations["oracle_submit_account"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/oracle/prices/{symbol}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return the aggregated price. `OracleRefused` when stale or diverging.
         * @description Return the aggregated price. `OracleRefused` when stale or diverging.
         */
        get: operations["oracle_get_price"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/oracle/prices/{symbol}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the aggregated prices that were given since the start, newest first.
         * @description List the aggregated prices that were given since the start, newest first.
         */
        get: operations["oracle_list_prices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/oracle/prices/lookups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Up to 100 at once: return the aggregated price. `OracleRefused` when stale or diverging.
         * @description Up to 100 at once: return the aggregated price. `OracleRefused` when stale or diverging.
         *
         *     Items are carried out side by side, each under the rules of one sent alone; a malformed one refuses the whole.
         */
        post: operations["oracle_get_price_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/oracle/updates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify a signed update (signers, quorum, Merkle proofs) and take its prices.
         * @description Verify a signed update (signers, quorum, Merkle proofs) and take its prices.
         */
        post: operations["oracle_submit_update"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queue/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count the tasks of every queue by state.
         * @description Count the tasks of every queue by state.
         */
        get: operations["queue_list_queues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queue/queues/{queue}/dead": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the dead letters of a queue with their last reason.
         * @description List the dead letters of a queue with their last reason.
         */
        get: operations["queue_list_dead"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the registered strategies by name.
         * @description List the registered strategies by name.
         */
        get: operations["strategies_list_strategies"];
        put?: never;
        /**
         * Register what a file in the strategies folder says now. The same text again is the same
         * @description Register what a file in the strategies folder says now. The same text again is the same
         *     version.
         */
        post: operations["strategies_register_strategy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{strategy}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return a strategy with its newest version and its gates.
         * @description Return a strategy with its newest version and its gates.
         */
        get: operations["strategies_get_strategy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{strategy}/assessment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Hold what was measured so far against the gates, and decide nothing.
         * @description Hold what was measured so far against the gates, and decide nothing.
         */
        get: operations["strategies_assess_promotion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{strategy}/backtests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Queue a backtest of a registered version.
         * @description Queue a backtest of a registered version.
         */
        post: operations["strategies_start_backtest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{strategy}/deployment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return the caller's deployment of a strategy with its runs.
         * @description Return the caller's deployment of a strategy with its runs.
         */
        get: operations["strategies_get_deployment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{strategy}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what happened to a deployment, newest first.
         * @description List what happened to a deployment, newest first.
         */
        get: operations["strategies_list_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{strategy}/promotions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the decisions on promotions, newest first.
         * @description List the decisions on promotions, newest first.
         */
        get: operations["strategies_list_decisions"];
        put?: never;
        /**
         * Bring a version into the next stage, if every gate lets it through. Every decision is
         * @description Bring a version into the next stage, if every gate lets it through. Every decision is
         *     kept with its numbers. Into live it takes a fresh proof of who asks.
         */
        post: operations["strategies_promote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{strategy}/rollbacks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a version out of a stage, and cancel its open orders.
         * @description Take a version out of a stage, and cancel its open orders.
         */
        post: operations["strategies_roll_back"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{strategy}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the versions of a strategy, newest first.
         * @description List the versions of a strategy, newest first.
         */
        get: operations["strategies_list_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/{strategy}/versions/{version}/source": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return the source of a version, as it was registered.
         * @description Return the source of a version, as it was registered.
         */
        get: operations["strategies_get_version_source"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/backtests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the caller's backtests, newest first.
         * @description List the caller's backtests, newest first.
         */
        get: operations["strategies_list_backtests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/backtests/{backtest_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return a backtest: how far it is, or its result.
         * @description Return a backtest: how far it is, or its result.
         */
        get: operations["strategies_get_backtest"];
        put?: never;
        post?: never;
        /**
         * End a backtest. One that has come to an end stays as it is.
         * @description End a backtest. One that has come to an end stays as it is.
         */
        delete: operations["strategies_cancel_backtest"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what the caller has deployed.
         * @description List what the caller has deployed.
         */
        get: operations["strategies_list_deployments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/strategies/deployments/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow the caller's deployments as they change.
         * @description Follow the caller's deployments as they change.
         */
        get: operations["strategies_watch_deployments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stream/topics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List topics with their ends and the lag of each group.
         * @description List topics with their ends and the lag of each group.
         */
        get: operations["stream_list_topics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the caller's executions, newest first.
         * @description List the caller's executions, newest first.
         */
        get: operations["trading_list_executions"];
        put?: never;
        /**
         * Work an order off in slices: TWAP, VWAP, POV, iceberg or Almgren-Chriss.
         * @description Work an order off in slices: TWAP, VWAP, POV, iceberg or Almgren-Chriss.
         *
         *     Beginning it again returns the execution as it is now.
         */
        post: operations["trading_begin_execution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/executions/{execution_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return an execution with its slices, benchmark prices and implementation shortfall.
         * @description Return an execution with its slices, benchmark prices and implementation shortfall.
         */
        get: operations["trading_get_execution"];
        put?: never;
        post?: never;
        /**
         * Send no more of an execution, and cancel its child on the market.
         * @description Send no more of an execution, and cancel its child on the market.
         */
        delete: operations["trading_cancel_execution"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/executions/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow the caller's executions as they change.
         * @description Follow the caller's executions as they change.
         */
        get: operations["trading_watch_executions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/fills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the caller's fills, newest first.
         * @description List the caller's fills, newest first.
         */
        get: operations["trading_list_fills"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return the caller's ledger entries and whether the books balance.
         * @description Return the caller's ledger entries and whether the books balance.
         */
        get: operations["trading_get_ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the caller's orders, newest first.
         * @description List the caller's orders, newest first.
         */
        get: operations["trading_list_orders"];
        put?: never;
        /**
         * Place one order. Placing it again returns the order as it is now.
         * @description Place one order. Placing it again returns the order as it is now.
         */
        post: operations["trading_place_order"];
        /**
         * Cancel all open orders of the caller's account, or of one instrument or side.
         * @description Cancel all open orders of the caller's account, or of one instrument or side.
         */
        delete: operations["trading_cancel_orders"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/orders/{order_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return one order of the caller's account.
         * @description Return one order of the caller's account.
         */
        get: operations["trading_get_order"];
        put?: never;
        post?: never;
        /**
         * Cancel what is left of an order. A finished order is returned as it is.
         * @description Cancel what is left of an order. A finished order is returned as it is.
         */
        delete: operations["trading_cancel_order"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/orders/{order_id}/amendments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change what is left of an order: it passes the gate again with its new terms.
         * @description Change what is left of an order: it passes the gate again with its new terms.
         */
        post: operations["trading_amend_order"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/orders/{order_id}/story": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return an order with its risk checks, route, fills and ledger entries.
         * @description Return an order with its risk checks, route, fills and ledger entries.
         */
        get: operations["trading_get_order_story"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/orders/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Up to 100 at once: place one order. Placing it again returns the order as it is now.
         * @description Up to 100 at once: place one order. Placing it again returns the order as it is now.
         *
         *     Items are carried out side by side, each under the rules of one sent alone; a malformed one refuses the whole. One idempotency key covers all.
         */
        post: operations["trading_place_order_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/orders/cancel-after": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel the caller's open orders after a time, unless renewed. Survives a restart.
         * @description Cancel the caller's open orders after a time, unless renewed. Survives a restart.
         */
        post: operations["trading_cancel_after"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/orders/cancellations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Up to 100 at once: cancel what is left of an order. A finished order is returned as it is.
         * @description Up to 100 at once: cancel what is left of an order. A finished order is returned as it is.
         *
         *     Items are carried out side by side, each under the rules of one sent alone; a malformed one refuses the whole.
         */
        post: operations["trading_cancel_order_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/orders/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Place orders together or not at all: a bracket, or a group of which one cancels others.
         * @description Place orders together or not at all: a bracket, or a group of which one cancels others.
         *
         *     Placing the same again returns them as they are now.
         */
        post: operations["trading_place_orders"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/orders/lookups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Up to 100 at once: return one order of the caller's account.
         * @description Up to 100 at once: return one order of the caller's account.
         *
         *     Items are carried out side by side, each under the rules of one sent alone; a malformed one refuses the whole.
         */
        post: operations["trading_get_order_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/orders/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow the caller's orders as they change.
         * @description Follow the caller's orders as they change.
         */
        get: operations["trading_watch_orders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/positions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return positions, balances and equity of the caller's account.
         * @description Return positions, balances and equity of the caller's account.
         */
        get: operations["trading_get_positions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/risk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return the limits and the state of the kill switch.
         * @description Return the limits and the state of the kill switch.
         */
        get: operations["trading_get_risk"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/risk/kill-switch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop or allow new orders. Survives a restart; to allow them again takes a fresh proof.
         * @description Stop or allow new orders. Survives a restart; to allow them again takes a fresh proof.
         */
        post: operations["trading_set_kill_switch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/risk/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List scopes with limits of their own; without risk.manage, only the caller's.
         * @description List scopes with limits of their own; without risk.manage, only the caller's.
         */
        get: operations["trading_list_risk_limits"];
        /**
         * Set the limits of the desk, an account or a strategy. They survive a restart.
         * @description Set the limits of the desk, an account or a strategy. They survive a restart.
         */
        put: operations["trading_set_risk_limits"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/risk/portfolio": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Return value at risk, expected shortfall, Greeks and margin of a portfolio.
         * @description Return value at risk, expected shortfall, Greeks and margin of a portfolio.
         */
        post: operations["trading_assess_portfolio"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/risk/reduce-only": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a scope only reduce its positions. Survives a restart; ending it needs a proof.
         * @description Let a scope only reduce its positions. Survives a restart; ending it needs a proof.
         */
        post: operations["trading_set_reduce_only"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/risk/var-tests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Test whether a value at risk held: Kupiec's and Christoffersen's likelihood ratios.
         * @description Test whether a value at risk held: Kupiec's and Christoffersen's likelihood ratios.
         */
        post: operations["trading_validate_var"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/routes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Split an order over books and pools at the least cost, with the proof that it is.
         * @description Split an order over books and pools at the least cost, with the proof that it is.
         */
        post: operations["trading_plan_route"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cut an order into slices: TWAP, VWAP, POV, iceberg or Almgren-Chriss.
         * @description Cut an order into slices: TWAP, VWAP, POV, iceberg or Almgren-Chriss.
         */
        post: operations["trading_plan_schedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trading/venues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Return the venues outside: state, last reconciliation, differences found.
         * @description Return the venues outside: state, last reconciliation, differences found.
         */
        get: operations["trading_list_venues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AccountAccepted
         * @description What the account says. `newer` is False if the desk knew as much already.
         */
        AccountAccepted: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            confidence: string;
            newer: boolean;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
            /** Format: date-time */
            published_at: string;
            source: string;
            symbol: string;
        };
        /** AccountQuery */
        AccountQuery: {
            address: string;
        };
        /**
         * AmendOrder
         * @description New terms; what is left out stays. `quantity` counts what has filled already. Less at the
         *         same price keeps its place in the queue, anything else goes to the back.
         */
        AmendOrder: {
            /** @default null */
            limit_price?: string | null;
            /** Format: uuid */
            order_id: string;
            /** @default null */
            quantity?: string | null;
            /** @default null */
            trigger_price?: string | null;
        };
        /**
         * ApiKey
         * @description What may be told of a key: not its secret.
         */
        ApiKey: {
            addresses: string[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: uuid */
            key_id: string;
            name: string;
            scopes: string[];
        };
        /**
         * ApiKeyCreated
         * @description `secret` is told this once: send it as `Authorization: Bearer qdk_…`.
         */
        ApiKeyCreated: {
            key: components["schemas"]["ApiKey"];
            secret: string;
        };
        /** ApiKeys */
        ApiKeys: {
            keys: components["schemas"]["ApiKey"][];
        };
        /**
         * ApiKeysQuery
         * @description No fields: the caller's own keys.
         */
        ApiKeysQuery: Record<string, never>;
        /**
         * Approve
         * @description Approve exactly this recommendation. It expires; it can be approved once.
         */
        Approve: {
            /** Format: uuid */
            recommendation_id: string;
        };
        /**
         * AssessOverfitting
         * @description Returns of every trial there was, one list each, all over the same periods.
         *
         *         Leave none out: what is asked is how good the best looks by luck alone. `benchmark` is what
         *         the trials should have beaten; without it that is zero. `blocks` (even): time is cut into so
         *         many, and every half of them is held against the other. `block_periods`: mean length of the
         *         bootstrap's blocks, as long as returns remember; by default the cube root of the periods.
         */
        AssessOverfitting: {
            /** @default null */
            benchmark?: number[] | null;
            /** @default null */
            block_periods?: number | null;
            /** @default 10 */
            blocks?: number;
            /** @default false */
            independent?: boolean;
            /** @default 999 */
            resamples?: number;
            trials: number[][];
        };
        /**
         * AssessPortfolio
         * @description Holdings, options and return scenarios of every instrument among them.
         *
         *         `own` adds the caller's own positions at the desk's marks; `candidate` is one more holding
         *         whose incremental risk is asked for.
         */
        AssessPortfolio: {
            /** @default null */
            candidate?: components["schemas"]["RiskHolding"] | null;
            /** @default 9900 */
            confidence_bps?: number;
            /** @default [] */
            holdings?: components["schemas"]["RiskHolding"][];
            /** @default null */
            margin?: components["schemas"]["MarginTerms"] | null;
            /** @default [] */
            options?: components["schemas"]["OptionHolding"][];
            /** @default false */
            own?: boolean;
            /** @default [] */
            returns?: components["schemas"]["ReturnSeries"][];
        };
        /**
         * AssessPromotion
         * @description What the gates would say now, of the caller's own runs or backtests.
         */
        AssessPromotion: {
            /** @example ema-cross */
            strategy: string;
            /** @enum {unknown} */
            to: "canary" | "live" | "paper";
            /** @default null */
            version?: string | null;
        };
        /**
         * AuditEntry
         * @description One entry. `request_digest` is the SHA-256 of the canonical request. Entries of before there
         *         were traces have no `trace_id`.
         */
        AuditEntry: {
            account: string;
            /** Format: date-time */
            at: string;
            caller: string;
            operation: string;
            outcome: string;
            phase: string;
            request_digest: string;
            request_id: string | null;
            sequence: number;
            /** @default  */
            trace_id?: string;
        };
        /**
         * AuditPage
         * @description Newest first. `next_before` goes on from here; None at the beginning of the trail. A page
         *         may hold fewer entries than there are: it ends where enough was looked through.
         */
        AuditPage: {
            entries: components["schemas"]["AuditEntry"][];
            next_before: number | null;
            /** @default null */
            next_cursor?: string | null;
        };
        /**
         * AuditQuery
         * @description Entries that fit all that is given. `caller` is as the trail has it, such as `person:ann`;
         *         `operation` such as `trading.place_order`; `before` is the number of an entry.
         */
        AuditQuery: {
            /** @default null */
            before?: number | null;
            /** @default null */
            caller?: string | null;
            /** @default null */
            cursor?: string | null;
            /** @default 100 */
            limit?: number;
            /** @default null */
            operation?: string | null;
            /** @default null */
            since?: string | null;
            /** @default null */
            trace_id?: string | null;
            /** @default null */
            until?: string | null;
        };
        /** AuthenticatorSelection */
        AuthenticatorSelection: {
            residentKey: string;
            userVerification: string;
        };
        /**
         * Backtest
         * @description `done` of `total` events are played; 0 of 0 while the recordings are read. `problem` is why
         *         it failed.
         */
        Backtest: {
            /** Format: uuid */
            backtest_id: string;
            /** Format: date-time */
            created_at: string;
            done: number;
            problem: string | null;
            /** @enum {unknown} */
            state: "cancelled" | "done" | "failed" | "queued" | "running";
            strategy: string;
            total: number;
            /** Format: date-time */
            updated_at: string;
            version: string;
        };
        /**
         * BacktestDetails
         * @description `result` once it is done.
         */
        BacktestDetails: {
            backtest: components["schemas"]["Backtest"];
            result: components["schemas"]["BacktestResult"] | null;
        };
        /**
         * BacktestRequest
         * @description Fee rates are fractions of the notional ("0.0005"), a maker's may be below zero. `balance` is
         *         what the account begins with, in the quote asset, which all instruments share. `begin`
         *         (included) and `end` (not included) cut the feed by time of receipt. `depth` 1 is quotes, 2
         *         levels too, 0 as on paper: levels as soon as the feed has some. `queue`: how much of a level
         *         stands before an order.
         */
        BacktestRequest: {
            /** @default 100 */
            actions_max?: number;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            balance?: string;
            /**
             * @default 0
             * @enum {unknown}
             */
            depth?: 0 | 1 | 2;
            /** @default 0 */
            entry_ns?: number;
            feed: string;
            /** @default null */
            from?: string | null;
            instruments: string[];
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            maker_fee?: string;
            /** @default null */
            mode?: ("batch" | "callback" | "compiled") | null;
            /** @default {} */
            params?: {
                [key: string]: string;
            };
            /**
             * @default risk_averse
             * @enum {unknown}
             */
            queue?: "log_prob" | "log_prob_2" | "none" | "power_prob" | "power_prob_2" | "power_prob_3" | "risk_averse";
            /** @default 0 */
            response_ns?: number;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            taker_fee?: string;
            /** @default null */
            to?: string | null;
        };
        /**
         * BacktestResult
         * @description `metrics` are of equity sampled every `step_s` seconds. `digest` is the SHA-256 of the fills
         *         as `--fills` writes them: same file, feed and settings, same digest, in every mode.
         */
        BacktestResult: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            cash: string;
            costs: components["schemas"]["CostsShown"];
            curve: components["schemas"]["CurvePoint"][];
            digest: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            equity: string;
            exposure: components["schemas"]["ExposureShown"];
            fills: number;
            market: components["schemas"]["MarketShown"];
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            max_drawdown: string;
            metrics: components["schemas"]["Figure"][];
            orders: components["schemas"]["OrdersShown"];
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            pnl: string;
            positions: components["schemas"]["PositionShown"][];
            settings: components["schemas"]["BacktestRequest"];
            step_s: number;
            strategy: components["schemas"]["TestedStrategy"];
            timing: components["schemas"]["TimingShown"];
            warnings: string[];
        };
        /** Backtests */
        Backtests: {
            backtests: components["schemas"]["Backtest"][];
            /** @default null */
            next_cursor?: string | null;
        };
        /**
         * BacktestsQuery
         * @description Newest first, of the caller's account.
         */
        BacktestsQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 50 */
            limit?: number;
            /** @default null */
            since?: string | null;
            /** @default null */
            strategy?: string | null;
            /** @default null */
            until?: string | null;
        };
        /**
         * Balances
         * @description Token balances on chain, by asset.
         */
        Balances: {
            account: string;
            lamports: number;
            tokens: {
                [key: string]: string;
            };
            wallet: string;
        };
        /**
         * BalancesQuery
         * @description The wallet of the caller's own account.
         */
        BalancesQuery: Record<string, never>;
        /**
         * BeginExecution
         * @description Work an order off in slices. `execution_id` is made by the caller (UUIDv7): sending it again
         *         is the same execution.
         *
         *         `algorithm` and its parameters are those of a schedule (`POST /v1/trading/schedules`), with
         *         what is known only while it runs: pov follows the volume really traded since it started, with a
         *         look every duration / slices; vwap without a `profile` takes the volumes that the desk saw over
         *         the last `duration_s`; an iceberg's next slice follows the fill of the one before.
         *
         *         route plans a route over the desk's own book, keeps it with its certificate, and takes it at
         *         once, or not at all within 5 s; of the rest it takes only a `limit_price`.
         *
         *         `slice_order` market takes at once; touch rests at the best price of its own side, and is moved
         *         there again at most every `chase_s`. No child is priced beyond `limit_price`. What a slice did
         *         not get goes to the next one; what is left at the end is given up, or with `cross_at_end` taken
         *         from the market. `participation_max_bps` bounds what is filled by a share of the volume traded
         *         since the start.
         */
        BeginExecution: {
            /** @enum {unknown} */
            algorithm: "almgren_chriss" | "iceberg" | "pov" | "route" | "twap" | "vwap";
            /** @default 5 */
            chase_s?: number;
            /** @default false */
            cross_at_end?: boolean;
            /** @default null */
            display?: string | null;
            /** @default 3600 */
            duration_s?: number;
            /** Format: uuid */
            execution_id: string;
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
            /** @default null */
            limit_price?: string | null;
            /** @default null */
            model?: components["schemas"]["CostModel"] | null;
            /** @default 1000 */
            participation_bps?: number;
            /** @default null */
            participation_max_bps?: number | null;
            /** @default [] */
            profile?: string[];
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
            /** @enum {unknown} */
            side: "buy" | "sell";
            /**
             * @default market
             * @enum {unknown}
             */
            slice_order?: "market" | "touch";
            /** @default 10 */
            slices?: number;
            /** @default null */
            start_at?: string | null;
        };
        /**
         * Book
         * @description Best levels first. `synced` is False before the first snapshot and after a gap, until the
         *         next snapshot: levels may be missing or gone.
         */
        Book: {
            asks: components["schemas"]["BookLevel"][];
            bids: components["schemas"]["BookLevel"][];
            instrument: string;
            /** Format: date-time */
            received_at: string;
            sequence: number;
            /** @default true */
            synced?: boolean;
            venue: string;
        };
        /** BookLevel */
        BookLevel: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            price: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            size: string;
        };
        /** BookQuery */
        BookQuery: {
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
            /** @default 10 */
            levels_max?: number;
        };
        /** CacheStats */
        CacheStats: {
            engine: string;
            entries: number;
            entries_max: number;
            hits: number;
            misses: number;
        };
        /**
         * CallCommand
         * @description Carry out an operation, as its REST route would.
         */
        CallCommand: {
            id: string;
            /** @default null */
            idempotency_key?: string | null;
            /** @enum {unknown} */
            op: "call";
            operation: string;
            request?: Record<string, never>;
            /** @default null */
            traceparent?: string | null;
        };
        /**
         * CancelAfter
         * @description `seconds` until the account's open orders are cancelled, unless it is said again before; 0
         *         takes the switch off.
         */
        CancelAfter: {
            seconds: number;
        };
        /** CancelAfterSet */
        CancelAfterSet: {
            cancels_at: string | null;
        };
        /** CancelExecution */
        CancelExecution: {
            /** Format: uuid */
            execution_id: string;
        };
        /**
         * CancelledOrders
         * @description Those that were cancelled now. What filled before the cancellation came is not among them.
         */
        CancelledOrders: {
            cancelled: string[];
        };
        /** CancelOrder */
        CancelOrder: {
            /** Format: uuid */
            order_id: string;
        };
        /**
         * CancelOrderBatch
         * @description Up to 100 at once.
         */
        CancelOrderBatch: {
            items: components["schemas"]["CancelOrder"][];
        };
        /**
         * CancelOrderOutcome
         * @description What came of one item: `data`, or the `problem` it met.
         */
        CancelOrderOutcome: {
            data: components["schemas"]["Order"] | null;
            problem: components["schemas"]["ItemProblem"] | null;
        };
        /**
         * CancelOrderOutcomes
         * @description What came of each item, in their order.
         */
        CancelOrderOutcomes: {
            items: components["schemas"]["CancelOrderOutcome"][];
        };
        /**
         * CancelOrders
         * @description All open orders of the caller's account, or those of one instrument or side.
         */
        CancelOrders: {
            /** @default null */
            instrument?: string | null;
            /** @default null */
            side?: ("buy" | "sell") | null;
        };
        /** Candle */
        Candle: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            close: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            high: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            low: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            open: string;
            /** Format: date-time */
            opened_at: string;
            trades: number;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            volume: string;
        };
        /**
         * Candles
         * @description Oldest first, from public trades (or mid prices where a market prints none).
         */
        Candles: {
            candles: components["schemas"]["Candle"][];
            instrument: string;
            interval_s: number;
        };
        /** CandlesQuery */
        CandlesQuery: {
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
            /** @default 60 */
            interval_s?: number;
            /** @default 500 */
            limit?: number;
        };
        /** ChainAccount */
        ChainAccount: {
            address: string;
            data_bytes: number;
            lamports: number;
            owner: string;
            token: {
                [key: string]: string;
            } | null;
        };
        /** ChainStatus */
        ChainStatus: {
            embedded: boolean;
            endpoint: string;
            slot: number;
            transactions: number;
        };
        /**
         * Change
         * @description What happened to a run, and who did it: a person, or the desk by itself (`automatic`).
         */
        Change: {
            /** Format: date-time */
            at: string;
            automatic: boolean;
            by: string;
            change_id: number;
            /** @enum {unknown} */
            kind: "ended" | "promoted" | "replaced" | "restored" | "resumed" | "rolled_back";
            reason: string;
            /** Format: uuid */
            run_id: string;
            /** @enum {unknown} */
            stage: "canary" | "live" | "paper";
            strategy: string;
            version: string;
        };
        /** Chat */
        Chat: {
            message: string;
        };
        /**
         * ChatReply
         * @description `model` names what answered; `recommendation` is set when it proposed a trade.
         */
        ChatReply: {
            confidence: number;
            model: string;
            recommendation: components["schemas"]["Recommendation"] | null;
            reply: string;
            tools: components["schemas"]["ToolUse"][];
        };
        /**
         * CheckpointQuery
         * @description No fields.
         */
        CheckpointQuery: Record<string, never>;
        /**
         * CollateralBalance
         * @description `price` in the unit of account; weights are used by the drift model only.
         */
        CollateralBalance: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            amount: string;
            asset: string;
            /** @default 1000000 */
            initial_weight_ppm?: number;
            /** @default 1000000 */
            maintenance_weight_ppm?: number;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
        };
        /** ConfirmTotp */
        ConfirmTotp: {
            /** @example 123456 */
            code: string;
        };
        /**
         * CostModel
         * @description The market of Almgren and Chriss (2001): a random walk with linear impact.
         *
         *         `volatility` is in quote per √unit of time, `temporary_impact` (η) in quote per base / unit of
         *         time, `permanent_impact` (γ) in quote per base, `half_spread` (ε, with fees) in quote per base;
         *         the unit of time is `unit_s`. `risk_aversion` (λ) weighs the variance of the cost.
         */
        CostModel: {
            /** @default 0 */
            half_spread?: number;
            /** @default 0 */
            permanent_impact?: number;
            /** @default 0 */
            risk_aversion?: number;
            temporary_impact: number;
            /** @default 86400 */
            unit_s?: number;
            volatility: number;
        };
        /**
         * CostsShown
         * @description `gross_pnl` − `spread_taking` − `spread_making` − `fees` − `funding` = P&L, to the last unit.
         *
         *         Spread is how much worse a fill's price was than the mid at that moment, of takers and of
         *         makers: below zero it was earned. `gross_pnl` is what trading at the mid, free of charge, would
         *         have brought.
         */
        CostsShown: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fees: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            funding: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            gross_pnl: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            spread_making: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            spread_taking: string;
        };
        /**
         * CreateApiKey
         * @description `scopes` are permissions that the caller has, of which the key gets these and no more.
         *
         *         `addresses` are addresses or networks (`10.0.0.0/8`) that may use it; none: any. Without
         *         `expires_at` it lives 90 days, at most a year.
         */
        CreateApiKey: {
            /** @default [] */
            addresses?: string[];
            /** @default null */
            expires_at?: string | null;
            /** @example desk robot */
            name: string;
            scopes: string[];
        };
        /**
         * CreatePasskeyChallenge
         * @description No fields.
         */
        CreatePasskeyChallenge: Record<string, never>;
        /**
         * CreatePasskeyOptions
         * @description No fields.
         */
        CreatePasskeyOptions: Record<string, never>;
        /**
         * CreatePasskeySession
         * @description The answer to a challenge that signs in.
         */
        CreatePasskeySession: {
            /** @example AAAA */
            authenticator_data: string;
            /** @example AAAA */
            client_data_json: string;
            /** @example AAAA */
            credential_id: string;
            /** @example AAAA */
            signature: string;
        };
        /**
         * CreateSession
         * @description With a `code` of the authenticator app the session begins with a fresh proof.
         */
        CreateSession: {
            /** @default null */
            code?: string | null;
            password: string;
            username: string;
        };
        /**
         * CreateStepUp
         * @description One of the three. `password` counts only for a person without a second factor.
         */
        CreateStepUp: {
            /** @default null */
            code?: string | null;
            /** @default null */
            passkey?: components["schemas"]["PasskeyAssertion"] | null;
            /** @default null */
            password?: string | null;
        };
        /**
         * CreateStepUpChallenge
         * @description No fields: for the caller's own passkeys.
         */
        CreateStepUpChallenge: Record<string, never>;
        /**
         * CreateTicket
         * @description No fields.
         */
        CreateTicket: Record<string, never>;
        /** CreateUser */
        CreateUser: {
            password: string;
            roles: string[];
            /** @example admin */
            username: string;
        };
        /**
         * CreateWalletChallenge
         * @description `link_to` asks for the challenge that links the wallet to this user, instead of one that
         *         signs in: neither answers for the other, and the text says which it is.
         */
        CreateWalletChallenge: {
            /** @example 7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv */
            address: string;
            /** @default null */
            link_to?: string | null;
        };
        /**
         * CreateWalletSession
         * @description The answer to a challenge that signs in.
         */
        CreateWalletSession: {
            /** @example 7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv */
            address: string;
            nonce: string;
            /** @example AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA== */
            signature: string;
            signed_message: string;
        };
        /**
         * CurvePoint
         * @description `drawdown` is from the highest equity before it, in the quote asset.
         */
        CurvePoint: {
            /** Format: date-time */
            at: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            drawdown: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            equity: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            exposure: string;
        };
        /** DatabaseHealth */
        DatabaseHealth: {
            commits: number;
            engine: string;
            ok: boolean;
            statements: number;
            writes_queued: number;
        };
        /**
         * DeadQuery
         * @description Newest first.
         */
        DeadQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 1000 */
            limit?: number;
            queue: string;
            /** @default null */
            since?: string | null;
            /** @default null */
            until?: string | null;
        };
        /** DeadTask */
        DeadTask: {
            attempts: number;
            /** Format: date-time */
            died_at: string;
            reason: string;
            /** Format: uuid */
            task_id: string;
        };
        /** DeadTasks */
        DeadTasks: {
            /** @default null */
            next_cursor?: string | null;
            tasks: components["schemas"]["DeadTask"][];
        };
        /**
         * Decision
         * @description `measured_on` is the backtest or the run whose results were held against the gates.
         */
        Decision: {
            account: string;
            checks: components["schemas"]["GateCheck"][];
            /** Format: date-time */
            decided_at: string;
            decided_by: string;
            /** Format: uuid */
            decision_id: string;
            measured_on: string | null;
            promoted: boolean;
            reason: string;
            /** @enum {unknown} */
            stage: "backtest" | "canary" | "live" | "paper";
            strategy: string;
            /** @enum {unknown} */
            to: "canary" | "live" | "paper";
            version: string;
        };
        /** Decisions */
        Decisions: {
            decisions: components["schemas"]["Decision"][];
            /** @default null */
            next_cursor?: string | null;
        };
        /**
         * DecisionsQuery
         * @description Newest first, of the caller's account.
         */
        DecisionsQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 50 */
            limit?: number;
            /** @default null */
            since?: string | null;
            /** @example ema-cross */
            strategy: string;
            /** @default null */
            until?: string | null;
        };
        /**
         * DeclaredParameter
         * @description `type` with its bounds, as people write it.
         */
        DeclaredParameter: {
            default: string;
            name: string;
            type: string;
        };
        /**
         * DepartmentFigures
         * @description The same over all operations of a gateway, and of each that was called.
         */
        DepartmentFigures: {
            calls: number;
            calls_per_s: number;
            error_rate: number;
            errors: number;
            gateway: string;
            in_flight: number;
            operations: components["schemas"]["OperationFigures"][];
            p50_ms: number;
            p95_ms: number;
            p99_ms: number;
        };
        /**
         * Deployment
         * @description One strategy on one account: at most one run a stage, lowest first. `stage` is the highest;
         *         `change` is what happened last.
         */
        Deployment: {
            account: string;
            change: string;
            /** Format: date-time */
            changed_at: string;
            runs: components["schemas"]["Run"][];
            /** @enum {unknown} */
            stage: "backtest" | "canary" | "live" | "paper";
            strategy: string;
        };
        /** Deployments */
        Deployments: {
            deployments: components["schemas"]["Deployment"][];
        };
        /**
         * DeploymentsQuery
         * @description Of the caller's account; their number is bounded.
         */
        DeploymentsQuery: Record<string, never>;
        /**
         * DisableTotp
         * @description No fields.
         */
        DisableTotp: Record<string, never>;
        /**
         * DrawdownPeriod
         * @description `peak`, `trough` and `recovered` count periods from the start (0); `recovered` is None while
         *         it lasts.
         */
        DrawdownPeriod: {
            depth: number;
            peak: number;
            recovered: number | null;
            trough: number;
        };
        /** Ended */
        Ended: {
            ended: boolean;
        };
        /**
         * EndedFrame
         * @description No more events on this channel. `problem` is null where the stream came to its end.
         */
        EndedFrame: {
            channel: string;
            problem: components["schemas"]["Problem"] | null;
            /** @enum {unknown} */
            type: "ended";
        };
        /**
         * EndSession
         * @description No fields.
         */
        EndSession: Record<string, never>;
        /**
         * EnrolTotp
         * @description No fields.
         */
        EnrolTotp: Record<string, never>;
        /** EquityPoint */
        EquityPoint: {
            /** Format: date-time */
            at: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            equity: string;
        };
        /**
         * EventsFrame
         * @description Pairs of number and event, rising. `skipped` counts those left out for newer ones.
         */
        EventsFrame: {
            channel: string;
            events: [
                number,
                unknown
            ][];
            skipped: number;
            /** @enum {unknown} */
            type: "events";
        };
        /** EventStats */
        EventStats: {
            topics: components["schemas"]["TopicStats"][];
        };
        /**
         * ExecutedRoute
         * @description What was planned, and what became of it.
         *
         *         `achieved_total` is what was really paid (or received), fees included, for what was filled;
         *         `slippage_bps` holds it against the plan's total for as much, positive where it cost more.
         */
        ExecutedRoute: {
            achieved_total: string | null;
            plan: components["schemas"]["Route"];
            slippage_bps: number | null;
        };
        /**
         * Execution
         * @description One execution as it is now.
         *
         *         `decision_price` is the mid when it was begun, `arrival_price` the mid when it started to run;
         *         `last_price` the mid when it ended. `open_quantity` is what its child on the market may still
         *         fill. `fees` are in the quote asset. `reason` says why it is paused, or how it ended.
         */
        Execution: {
            account: string;
            /** @enum {unknown} */
            algorithm: "almgren_chriss" | "iceberg" | "pov" | "route" | "twap" | "vwap";
            arrival_price: string | null;
            average_price: string | null;
            begun_by: string;
            children: number;
            /** Format: date-time */
            created_at: string;
            decision_price: string | null;
            /** Format: date-time */
            end_at: string;
            ended_at: string | null;
            /** Format: uuid */
            execution_id: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fees: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            filled_quantity: string;
            instrument: string;
            last_price: string | null;
            limit_price: string | null;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            open_quantity: string;
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
            reason: string | null;
            /** @enum {unknown} */
            side: "buy" | "sell";
            /** @enum {unknown} */
            slice_order: "market" | "touch";
            /** Format: date-time */
            start_at: string;
            /** @enum {unknown} */
            state: "cancelled" | "completed" | "failed" | "paused" | "running" | "scheduled";
            /** Format: date-time */
            updated_at: string;
        };
        /**
         * ExecutionBenchmark
         * @description The market over the execution's life, as far as the desk watched it (`watched_s`).
         *
         *         `vwap_price` weighs every public trade by its size, `twap_price` the mid by time (sampled with
         *         each batch of market data). `vwap_slippage_bps` and `twap_slippage_bps` hold the average fill
         *         price against them, positive where it cost money. `participation_bps` is what was filled, of
         *         the volume traded.
         */
        ExecutionBenchmark: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            market_volume: string;
            participation_bps: number | null;
            twap_price: string | null;
            twap_slippage_bps: number | null;
            vwap_price: string | null;
            vwap_slippage_bps: number | null;
            watched_s: number;
        };
        /**
         * ExecutionReport
         * @description An execution with its slices and what it cost. `shortfall` holds what was not filled (so
         *         far) against the last price; None before there is a decision price.
         */
        ExecutionReport: {
            benchmark: components["schemas"]["ExecutionBenchmark"];
            execution: components["schemas"]["Execution"];
            /** @default null */
            route?: components["schemas"]["ExecutedRoute"] | null;
            shortfall: components["schemas"]["ImplementationShortfall"] | null;
            slices: components["schemas"]["ExecutionSlice"][];
        };
        /** Executions */
        Executions: {
            executions: components["schemas"]["Execution"][];
            /** @default null */
            next_cursor?: string | null;
        };
        /**
         * ExecutionSchedule
         * @description Slices in whole lots that add up to `scheduled`; intervals with nothing to do are left out.
         *
         *         `unscheduled` is what a pov schedule does not reach. Of cost (quote, against the price at the
         *         start) `expected_cost` and `cost_deviation` (a standard deviation) are those of the slices as
         *         they stand, under the model; None without one. `kappa` is Almgren-Chriss' urgency per unit.
         */
        ExecutionSchedule: {
            cost_deviation: number | null;
            expected_cost: number | null;
            instrument: string;
            kappa: number | null;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            scheduled: string;
            side: string;
            slices: components["schemas"]["ScheduleSlice"][];
            style: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            unscheduled: string;
        };
        /**
         * ExecutionSlice
         * @description `planned` is None where the size is known only when it is due (pov); `due_at` where it
         *         follows the fill before it (iceberg). A slice beyond the planned ones is the crossing at the
         *         end. `order_ids` are its children, one an attempt, oldest first.
         */
        ExecutionSlice: {
            average_price: string | null;
            due_at: string | null;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fees: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            filled: string;
            order_ids: string[];
            planned: string | null;
            reason: string | null;
            slice: number;
        };
        /**
         * ExecutionsQuery
         * @description Newest first; `since` and `until` are about when an execution was begun.
         */
        ExecutionsQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default null */
            instrument?: string | null;
            /** @default 50 */
            limit?: number;
            /** @default null */
            side?: ("buy" | "sell") | null;
            /** @default null */
            since?: string | null;
            /** @default null */
            state?: ("cancelled" | "completed" | "failed" | "paused" | "running" | "scheduled") | null;
            /** @default null */
            until?: string | null;
        };
        /**
         * ExposureShown
         * @description Fractions of equity, over the points of the curve. `gross` sums the sizes of all positions,
         *         `net` lets them cancel out. `time_in_market`: the share of points with a position.
         */
        ExposureShown: {
            gross_max: number;
            gross_mean: number;
            net_mean: number;
            time_in_market: number;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            turnover: string;
        };
        /**
         * Figure
         * @description One metric. `value` is finite; where it is None, `note` says what is missing.
         */
        Figure: {
            method: string;
            name: string;
            /** @default null */
            note?: string | null;
            source: string;
            unit: string;
            value: number | null;
        };
        /** Fill */
        Fill: {
            account: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fee: string;
            fee_asset: string;
            /** Format: uuid */
            fill_id: string;
            /** Format: date-time */
            filled_at: string;
            instrument: string;
            /** @enum {unknown} */
            liquidity: "maker" | "taker";
            /** Format: uuid */
            order_id: string;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
            /** @enum {unknown} */
            side: "buy" | "sell";
            venue: string;
        };
        /**
         * FillMarkouts
         * @description Positive where the market went the fill's way: up after a buy, down after a sale. None until
         *         that time has passed, and where the market was silent.
         */
        FillMarkouts: {
            execution_id: string | null;
            /** Format: uuid */
            fill_id: string;
            /** Format: date-time */
            filled_at: string;
            instrument: string;
            markout_1s_bps: number | null;
            markout_10s_bps: number | null;
            markout_60s_bps: number | null;
            /** Format: uuid */
            order_id: string;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
            side: string;
        };
        /** Fills */
        Fills: {
            fills: components["schemas"]["Fill"][];
            /** @default null */
            next_cursor?: string | null;
        };
        /**
         * FillsQuery
         * @description Newest first.
         */
        FillsQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default null */
            instrument?: string | null;
            /** @default 50 */
            limit?: number;
            /** @default null */
            order_id?: string | null;
            /** @default null */
            side?: ("buy" | "sell") | null;
            /** @default null */
            since?: string | null;
            /** @default null */
            until?: string | null;
        };
        /**
         * GapFrame
         * @description What came after `after` is no longer known: begin anew, with what follows this frame.
         */
        GapFrame: {
            after: number;
            channel: string;
            /** @enum {unknown} */
            type: "gap";
        };
        /**
         * GateCheck
         * @description One gate with its number and its limit; `value` is empty where nothing could be measured.
         */
        GateCheck: {
            check: string;
            limit: string;
            passed: boolean;
            /** @default  */
            unit?: string;
            value: string;
        };
        /**
         * Gates
         * @description The gates into each stage, and the guard over every run.
         */
        Gates: {
            /**
             * @default {
             *       "days_min": 1,
             *       "deflated_sharpe_min": null,
             *       "deviation_bps_max": null,
             *       "drawdown_max": 0.1,
             *       "errors_max": 0,
             *       "events_min": null,
             *       "sharpe_min": 0,
             *       "slippage_bps_max": 5,
             *       "trades_min": 20
             *     }
             */
            canary?: components["schemas"]["StageGates"];
            /**
             * @default {
             *       "deviation_bps_max": 100,
             *       "drawdown_max": 0.1,
             *       "loss_max": 0.05
             *     }
             */
            guard?: components["schemas"]["Guard"];
            /**
             * @default {
             *       "days_min": 1,
             *       "deflated_sharpe_min": null,
             *       "deviation_bps_max": 50,
             *       "drawdown_max": 0.1,
             *       "errors_max": 0,
             *       "events_min": null,
             *       "sharpe_min": 0,
             *       "slippage_bps_max": 5,
             *       "trades_min": 20
             *     }
             */
            live?: components["schemas"]["StageGates"];
            /**
             * @default {
             *       "days_min": null,
             *       "deflated_sharpe_min": 0.5,
             *       "deviation_bps_max": null,
             *       "drawdown_max": 0.2,
             *       "errors_max": 0,
             *       "events_min": 10000,
             *       "sharpe_min": 0,
             *       "slippage_bps_max": null,
             *       "trades_min": 30
             *     }
             */
            paper?: components["schemas"]["StageGates"];
        };
        /** GetBacktest */
        GetBacktest: {
            /** Format: uuid */
            backtest_id: string;
        };
        /** GetDeployment */
        GetDeployment: {
            /** @example ema-cross */
            strategy: string;
        };
        /** GetExecution */
        GetExecution: {
            /** Format: uuid */
            execution_id: string;
        };
        /** GetOrder */
        GetOrder: {
            /** Format: uuid */
            order_id: string;
        };
        /**
         * GetOrderBatch
         * @description Up to 100 at once.
         */
        GetOrderBatch: {
            items: components["schemas"]["GetOrder"][];
        };
        /**
         * GetOrderOutcome
         * @description What came of one item: `data`, or the `problem` it met.
         */
        GetOrderOutcome: {
            data: components["schemas"]["Order"] | null;
            problem: components["schemas"]["ItemProblem"] | null;
        };
        /**
         * GetOrderOutcomes
         * @description What came of each item, in their order.
         */
        GetOrderOutcomes: {
            items: components["schemas"]["GetOrderOutcome"][];
        };
        /**
         * GetPriceBatch
         * @description Up to 100 at once.
         */
        GetPriceBatch: {
            items: components["schemas"]["PriceQuery"][];
        };
        /**
         * GetPriceOutcome
         * @description What came of one item: `data`, or the `problem` it met.
         */
        GetPriceOutcome: {
            data: components["schemas"]["OraclePrice"] | null;
            problem: components["schemas"]["ItemProblem"] | null;
        };
        /**
         * GetPriceOutcomes
         * @description What came of each item, in their order.
         */
        GetPriceOutcomes: {
            items: components["schemas"]["GetPriceOutcome"][];
        };
        /**
         * GetQuoteBatch
         * @description Up to 100 at once.
         */
        GetQuoteBatch: {
            items: components["schemas"]["QuoteQuery"][];
        };
        /**
         * GetQuoteOutcome
         * @description What came of one item: `data`, or the `problem` it met.
         */
        GetQuoteOutcome: {
            data: components["schemas"]["Quote"] | null;
            problem: components["schemas"]["ItemProblem"] | null;
        };
        /**
         * GetQuoteOutcomes
         * @description What came of each item, in their order.
         */
        GetQuoteOutcomes: {
            items: components["schemas"]["GetQuoteOutcome"][];
        };
        /** GetRecommendation */
        GetRecommendation: {
            /** Format: uuid */
            recommendation_id: string;
        };
        /** GetStrategy */
        GetStrategy: {
            /** @example ema-cross */
            strategy: string;
        };
        /** GetVersionSource */
        GetVersionSource: {
            /** @example ema-cross */
            strategy: string;
            /**
             * @description SHA-256 of the source.
             * @example 0000000000000000000000000000000000000000000000000000000000000000
             */
            version: string;
        };
        /** GroupLag */
        GroupLag: {
            committed_offset: number;
            group: string;
            lag: number;
        };
        /**
         * Guard
         * @description What rolls a run back by itself: `drawdown_max` from its highest equity, `loss_max` from
         *         what it began with (fractions), `deviation_bps_max` of a canary from its paper reference.
         */
        Guard: {
            /** @default 100 */
            deviation_bps_max?: number;
            /** @default 0.1 */
            drawdown_max?: number;
            /** @default 0.05 */
            loss_max?: number;
        };
        /**
         * HealthQuery
         * @description No fields.
         */
        HealthQuery: Record<string, never>;
        /**
         * HeartbeatFrame
         * @description Nothing else was sent for a while.
         */
        HeartbeatFrame: {
            /** Format: date-time */
            at: string;
            /** @enum {unknown} */
            type: "heartbeat";
        };
        /** History */
        History: {
            changes: components["schemas"]["Change"][];
            /** @default null */
            next_cursor?: string | null;
        };
        /**
         * HistoryQuery
         * @description Newest first, of the caller's account.
         */
        HistoryQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 50 */
            limit?: number;
            /** @default null */
            since?: string | null;
            /** @example ema-cross */
            strategy: string;
            /** @default null */
            until?: string | null;
        };
        /**
         * ImplementationShortfall
         * @description What the order cost against a paper trade at the decision price, in the quote asset,
         *         positive where it cost money; exact, and `total` is the sum of its four parts.
         *
         *         delay = filled × (arrival - decision), impact = Σ fill × (price - arrival), opportunity =
         *         unfilled × (last - decision), each signed by side, and fees (Perold 1988; the split is that of
         *         Wagner and Edwards 1993). `total_bps` is of quantity × decision price.
         */
        ImplementationShortfall: {
            average_price: string | null;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            delay: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fees: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            filled: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            impact: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            opportunity: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            total: string;
            total_bps: number;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            unfilled: string;
        };
        /**
         * IncrementalRisk
         * @description Historical, with the candidate less without it.
         */
        IncrementalRisk: {
            expected_shortfall: number;
            value_at_risk: number;
        };
        /**
         * Infer
         * @description Rows of features, in the model's order. The newest version answers unless one is named.
         */
        Infer: {
            name: string;
            rows: number[][];
            /** @default null */
            version?: number | null;
        };
        /**
         * Inferred
         * @description One list of numbers per row, from the model's first output.
         */
        Inferred: {
            name: string;
            outputs: number[][];
            version: number;
        };
        /**
         * ItemProblem
         * @description Why one item of a batch was not done; as the problem it would have been alone.
         */
        ItemProblem: {
            advice: string;
            code: string;
            detail: string;
            details: {
                [key: string]: string;
            };
            status: number;
            where: string | null;
        };
        /**
         * Jwk
         * @description An Ed25519 public key (RFC 8037); `kid` is its thumbprint (RFC 7638).
         */
        Jwk: {
            alg: string;
            crv: string;
            kid: string;
            kty: string;
            use: string;
            x: string;
        };
        /**
         * Jwks
         * @description The key that signs, then those that are still believed.
         */
        Jwks: {
            keys: components["schemas"]["Jwk"][];
        };
        /**
         * JwksQuery
         * @description No fields.
         */
        JwksQuery: Record<string, never>;
        /**
         * KeyKind
         * @description `alg` is a COSE algorithm: -8 EdDSA, -7 ES256, -257 RS256.
         */
        KeyKind: {
            alg: number;
            /** @default public-key */
            type?: string;
        };
        /** KnownPasskey */
        KnownPasskey: {
            id: string;
            /** @default public-key */
            type?: string;
        };
        /** LadderLevel */
        LadderLevel: {
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
        };
        /**
         * LadderVenue
         * @description A limit order book, best level first. Its fee is taken in the quote asset.
         *
         *         `instrument` is the route's own unless it says otherwise; `fixed_cost`, in the route's quote
         *         asset, is paid once if the venue is used at all.
         */
        LadderVenue: {
            /** @default [] */
            asks?: components["schemas"]["LadderLevel"][];
            /** @default [] */
            bids?: components["schemas"]["LadderLevel"][];
            /** @default null */
            fixed_cost?: string | null;
            /** @default null */
            instrument?: string | null;
            /**
             * @description Parts per million: 100 is one bp.
             * @default 0
             */
            taker_fee_ppm?: number;
            /** @example book */
            venue: string;
        };
        /**
         * Ledger
         * @description `balanced` is computed over the whole ledger, not the page: every asset sums to zero.
         */
        Ledger: {
            balanced: boolean;
            entries: components["schemas"]["LedgerEntry"][];
            entries_total: number;
            /** @default null */
            next_cursor?: string | null;
        };
        /**
         * LedgerEntry
         * @description One leg of a posting. Over each `posting_id` the amounts of an asset sum to zero.
         */
        LedgerEntry: {
            account: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            amount: string;
            asset: string;
            entry_id: number;
            order_id: string | null;
            /** Format: date-time */
            posted_at: string;
            /** Format: uuid */
            posting_id: string;
            reason: string;
        };
        /**
         * LedgerQuery
         * @description Newest first; `order_id` narrows to one order, `asset` to one asset.
         */
        LedgerQuery: {
            /** @default null */
            asset?: string | null;
            /** @default null */
            cursor?: string | null;
            /** @default 100 */
            limit?: number;
            /** @default null */
            order_id?: string | null;
            /** @default null */
            since?: string | null;
            /** @default null */
            until?: string | null;
        };
        /**
         * Lesson
         * @description How the outcome moved the weights.
         */
        Lesson: {
            /** Format: date-time */
            learned_at: string;
            /** Format: uuid */
            lesson_id: string;
            /** Format: uuid */
            order_id: string;
            /** Format: uuid */
            recommendation_id: string;
            return_bps: number;
            reward: number;
            weights_after: {
                [key: string]: number;
            };
            weights_before: {
                [key: string]: number;
            };
            weights_version: number;
        };
        /** Lessons */
        Lessons: {
            lessons: components["schemas"]["Lesson"][];
            /** @default null */
            next_cursor?: string | null;
        };
        /**
         * LessonsQuery
         * @description Newest first; `order_id` narrows to the lesson of one order.
         */
        LessonsQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 50 */
            limit?: number;
            /** @default null */
            order_id?: string | null;
            /** @default null */
            since?: string | null;
            /** @default null */
            until?: string | null;
        };
        /**
         * LinkWallet
         * @description The answer to a challenge that links the wallet to the caller.
         */
        LinkWallet: {
            /** @example 7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv */
            address: string;
            nonce: string;
            /** @example AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA== */
            signature: string;
            signed_message: string;
        };
        /**
         * LiquidationLevel
         * @description The mark of this instrument at which the account is liquidated, the others standing still;
         *         None where no price does that.
         */
        LiquidationLevel: {
            instrument: string;
            price: string | null;
        };
        /**
         * LiquidityRange
         * @description `liquidity` L between two prices: the base in it is L · (1/√lower - 1/√upper).
         */
        LiquidityRange: {
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            liquidity: string;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            lower: string;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            upper: string;
        };
        /**
         * MarginFigures
         * @description `equity` is collateral and profit; `initial_collateral` and `maintenance_collateral` are
         *         what counts of it against the two requirements. `transfer_requirement` is what must stay in
         *         (hyperliquid), `worst_stress` the scenario behind a portfolio margin.
         */
        MarginFigures: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            equity: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            free_collateral: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            initial_collateral: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            initial_requirement: string;
            liquidatable: boolean;
            liquidation: components["schemas"]["LiquidationLevel"][];
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            maintenance_collateral: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            maintenance_requirement: string;
            model: string;
            transfer_requirement: string | null;
            worst_stress: components["schemas"]["Stress"] | null;
        };
        /**
         * MarginRate
         * @description Leverages are for the hyperliquid model, ratios for the drift model.
         *
         *         `size_premium` (drift's IMF factor) raises the ratio to 0.8 × ratio + factor × √quantity.
         */
        MarginRate: {
            /** @default 100000 */
            initial_ppm?: number;
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
            /** @default 10 */
            leverage?: number;
            /** @default 20 */
            leverage_max?: number;
            /** @default 50000 */
            maintenance_ppm?: number;
            /** @default 0 */
            size_premium?: number;
        };
        /**
         * MarginTerms
         * @description How margin is asked for. An instrument without a rate has the defaults of `MarginRate`.
         *
         *         hyperliquid: notional / leverage, maintenance half of that at the highest leverage. drift:
         *         ratios of the worst case with open orders, against weighted collateral. portfolio: the largest
         *         loss over `stresses` (a grid of our own if left out).
         */
        MarginTerms: {
            /** @default [] */
            collateral?: components["schemas"]["CollateralBalance"][];
            /** @enum {unknown} */
            model: "drift" | "hyperliquid" | "portfolio";
            /** @default [] */
            rates?: components["schemas"]["MarginRate"][];
            /** @default [] */
            stresses?: components["schemas"]["Stress"][];
        };
        /**
         * MarketShown
         * @description What was played. `quarantined` frames were not believed; `refused` events could not be, and
         *         were left out by the kernel; after `crossed` depth updates the book had to be put right.
         */
        MarketShown: {
            crossed: number;
            events: number;
            frames: number;
            /** Format: date-time */
            from: string;
            levels: number;
            quarantined: number;
            quotes: number;
            refused: number;
            sequence_gaps: number;
            /** Format: date-time */
            to: string;
            trades: number;
        };
        /**
         * Markout
         * @description Over `fills` fills together, weighted by value; None where none of them has a quote that
         *         long after it (one no older than a minute).
         */
        Markout: {
            fills: number;
            markout_bps: number | null;
        };
        /**
         * Markouts
         * @description `totals` are measured over the newest 5,000 fills that were asked for, `fills` is a page
         *         of them. Signed move of the mid from each fill's own price and time (Harris 2003).
         */
        Markouts: {
            fills: components["schemas"]["FillMarkouts"][];
            /** @default null */
            next_cursor?: string | null;
            totals: components["schemas"]["MarkoutTotals"];
        };
        /**
         * MarkoutsQuery
         * @description The caller's own fills, newest first; of one execution, one order, one instrument.
         */
        MarkoutsQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default null */
            execution_id?: string | null;
            /** @default null */
            instrument?: string | null;
            /** @default 50 */
            limit?: number;
            /** @default null */
            order_id?: string | null;
            /** @default null */
            since?: string | null;
            /** @default null */
            until?: string | null;
        };
        /**
         * MarkoutTotals
         * @description Per horizon.
         */
        MarkoutTotals: {
            after_1s: components["schemas"]["Markout"];
            after_10s: components["schemas"]["Markout"];
            after_60s: components["schemas"]["Markout"];
        };
        /** Me */
        Me: {
            permissions: string[];
            roles: string[];
            username: string;
        };
        /**
         * MeasureReturns
         * @description Either `returns` (fractions, 0.01 is one percent, each at least −1) or `equity` (above zero).
         *
         *         `benchmark` is of the same kind and length. `times`, increasing, are the ends of the returns'
         *         periods, or the moments of the equity points; with them come returns by month (UTC).
         *         `risk_free` is a rate per year. `metrics` names metrics, groups of them, or "all"; without it
         *         come the usual ones.
         */
        MeasureReturns: {
            /** @default null */
            benchmark?: number[] | null;
            /** @default 5 */
            drawdowns_max?: number;
            /** @default null */
            equity?: number[] | null;
            /** @default [] */
            metrics?: string[];
            /** @default 120 */
            months_max?: number;
            periods_per_year: number;
            /** @default null */
            returns?: number[] | null;
            /** @default 0 */
            risk_free?: number;
            /** @default null */
            rolling?: components["schemas"]["RollingAsk"] | null;
            /** @default null */
            times?: string[] | null;
        };
        /**
         * MeasureShortfall
         * @description One order and its fills.
         *
         *         `decision_price` is the mid when it was decided, `arrival_price` the mid when it was sent (the
         *         decision's if left out), `last_price` the mid at the end, which what was not filled is held
         *         against (needed only then).
         */
        MeasureShortfall: {
            /** @default null */
            arrival_price?: string | null;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            decision_price: string;
            /** @default [] */
            fills?: components["schemas"]["ShortfallFill"][];
            /** @default null */
            last_price?: string | null;
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
            /** @enum {unknown} */
            side: "buy" | "sell";
        };
        /** Memories */
        Memories: {
            memories: components["schemas"]["Memory"][];
        };
        /**
         * Memory
         * @description `similarity` is a cosine; `as_of` is when it became known.
         */
        Memory: {
            /** Format: date-time */
            as_of: string;
            kind: string;
            /** Format: uuid */
            memory_id: string;
            similarity: number;
            text: string;
        };
        /**
         * ModelInfo
         * @description `version` counts from 1; `digest` is the SHA-256 of the file.
         */
        ModelInfo: {
            card: {
                [key: string]: string;
            };
            digest: string;
            inputs: number;
            name: string;
            outputs: string[];
            version: number;
        };
        /** Models */
        Models: {
            models: components["schemas"]["ModelInfo"][];
        };
        /**
         * ModelsQuery
         * @description No fields.
         */
        ModelsQuery: Record<string, never>;
        /** MonthlyReturn */
        MonthlyReturn: {
            month: number;
            value: number;
            year: number;
        };
        /**
         * OperationFigures
         * @description Since the desk began. `error_rate` is the share of calls that ended in an error; the times
         *         are read from a histogram and are as fine as its bounds.
         */
        OperationFigures: {
            calls: number;
            error_rate: number;
            errors: {
                [key: string]: number;
            };
            in_flight: number;
            operation: string;
            p50_ms: number;
            p95_ms: number;
            p99_ms: number;
        };
        /**
         * OptionGreeks
         * @description Of one option, times its quantity: per unit of price, of volatility (1 is 100 %), of a
         *         year, of the rate. `implied_volatility` is that of its market price; None without one, or
         *         where no volatility up to 2,000 % gives that price.
         */
        OptionGreeks: {
            delta: number;
            gamma: number;
            implied_volatility: number | null;
            rho: number;
            theta: number;
            value: number;
            vega: number;
        };
        /**
         * OptionHolding
         * @description A European option on an instrument, after Black and Scholes (1973) with continuous `rate`
         *         and `carry` (dividend or foreign rate); a year has 365 days. With a `market_price` of the
         *         option its implied volatility is told too.
         */
        OptionHolding: {
            /** @default 0 */
            carry?: number;
            days: number;
            /** @default null */
            market_price?: string | null;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            quantity: string;
            /** @default 0 */
            rate?: number;
            /** @enum {unknown} */
            right: "call" | "put";
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            strike: string;
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            underlying: string;
            volatility: number;
        };
        /**
         * OraclePrice
         * @description One aggregated price. `confidence` is one standard deviation in price units; `local` says
         *         that a signer set of this desk's own signed it (simulated or replayed markets).
         */
        OraclePrice: {
            age_ms: number;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            confidence: string;
            local: boolean;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
            /** Format: date-time */
            published_at: string;
            sources: components["schemas"]["SourcePrice"][];
            symbol: string;
        };
        /**
         * Order
         * @description `fees` are in the quote asset. `arrival_price` is the mid at the moment of acceptance.
         *
         *         `quantity`, `limit_price` and `trigger_price` are those in force now: amended, cut by
         *         reduce-only or by the group, trailed. `in_flight` is what was asked of the venue and is not
         *         answered yet.
         */
        Order: {
            account: string;
            arrival_price: string | null;
            average_price: string | null;
            /** @default null */
            contingency?: ("oco" | "ouo") | null;
            /** Format: date-time */
            created_at: string;
            /** @default null */
            display_quantity?: string | null;
            /** @default null */
            expires_at?: string | null;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fees: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            filled_quantity: string;
            /** @default null */
            group_id?: string | null;
            /** @default null */
            in_flight?: ("amend" | "cancel" | "new") | null;
            instrument: string;
            /** @default null */
            limit_offset?: string | null;
            limit_price: string | null;
            /** Format: uuid */
            order_id: string;
            /** @default null */
            parent_id?: string | null;
            placed_by: string;
            /** @default false */
            post_only?: boolean;
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
            reason: string | null;
            recommendation_id: string | null;
            /** @default false */
            reduce_only?: boolean;
            settlements: components["schemas"]["SettlementInfo"][];
            /** @enum {unknown} */
            side: "buy" | "sell";
            /** @enum {unknown} */
            state: "accepted" | "cancelled" | "expired" | "filled" | "held" | "partially_filled" | "rejected" | "submitted" | "triggered" | "unknown" | "waiting";
            /** @enum {unknown} */
            time_in_force: "DAY" | "FOK" | "GTC" | "GTD" | "IOC";
            /** @default null */
            trail?: string | null;
            /**
             * @default quote
             * @enum {unknown}
             */
            trigger_by?: "quote" | "trade";
            /** @default null */
            trigger_price?: string | null;
            /** @enum {unknown} */
            type: "limit" | "limit_if_touched" | "market" | "market_if_touched" | "stop_limit" | "stop_market" | "trailing_stop_limit" | "trailing_stop_market";
            /** Format: date-time */
            updated_at: string;
        };
        /** Orders */
        Orders: {
            /** @default null */
            next_cursor?: string | null;
            orders: components["schemas"]["Order"][];
        };
        /**
         * OrdersQuery
         * @description Newest first; `since` and `until` are about when an order was placed.
         */
        OrdersQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default null */
            instrument?: string | null;
            /** @default 50 */
            limit?: number;
            /** @default null */
            side?: ("buy" | "sell") | null;
            /** @default null */
            since?: string | null;
            /** @default null */
            state?: ("accepted" | "cancelled" | "expired" | "filled" | "held" | "partially_filled" | "rejected" | "submitted" | "triggered" | "unknown" | "waiting") | null;
            /** @default null */
            until?: string | null;
        };
        /**
         * OrdersShown
         * @description How the orders ended; `refused_requests` are cancels and amendments that came too late.
         */
        OrdersShown: {
            cancelled: number;
            expired: number;
            filled: number;
            open: number;
            overflows: number;
            refused_requests: number;
            rejected: number;
            submitted: number;
        };
        /**
         * OrderStory
         * @description All that trading knows of one order. `parent`: the execution that it is a child of.
         */
        OrderStory: {
            checks: components["schemas"]["RiskCheck"][];
            fills: components["schemas"]["Fill"][];
            ledger: components["schemas"]["LedgerEntry"][];
            order: components["schemas"]["Order"];
            /** @default null */
            parent?: components["schemas"]["ParentExecution"] | null;
            route: {
                [key: string]: string;
            };
        };
        /**
         * OverfittingAssessed
         * @description `best`: index of the trial with the highest Sharpe ratio, None where one does not vary.
         *
         *         `figures`: probability of overfitting and its companions, deflated Sharpe ratio (per period),
         *         p-values of the reality check.
         */
        OverfittingAssessed: {
            best: number | null;
            block_periods: number;
            blocks: number;
            figures: components["schemas"]["Figure"][];
            periods: number;
            resamples: number;
            trials: number;
        };
        /**
         * ParentExecution
         * @description Whose child an order is, and at which slice.
         */
        ParentExecution: {
            /** @enum {unknown} */
            algorithm: "almgren_chriss" | "iceberg" | "pov" | "route" | "twap" | "vwap";
            attempt: number;
            /** Format: uuid */
            execution_id: string;
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
            slice: number;
        };
        /** Passkey */
        Passkey: {
            /** Format: date-time */
            created_at: string;
            name: string;
            /** Format: uuid */
            passkey_id: string;
        };
        /**
         * PasskeyAssertion
         * @description What an authenticator answers to a challenge.
         */
        PasskeyAssertion: {
            /** @example AAAA */
            authenticator_data: string;
            /** @example AAAA */
            client_data_json: string;
            /** @example AAAA */
            credential_id: string;
            /** @example AAAA */
            signature: string;
        };
        /**
         * PasskeyCreation
         * @description PublicKeyCredentialCreationOptionsJSON; `timeout` in milliseconds.
         */
        PasskeyCreation: {
            attestation: string;
            authenticatorSelection: components["schemas"]["AuthenticatorSelection"];
            challenge: string;
            excludeCredentials: components["schemas"]["KnownPasskey"][];
            pubKeyCredParams: components["schemas"]["KeyKind"][];
            rp: components["schemas"]["RelyingParty"];
            timeout: number;
            user: components["schemas"]["PasskeyUser"];
        };
        /**
         * PasskeyRequest
         * @description PublicKeyCredentialRequestOptionsJSON; `timeout` in milliseconds.
         */
        PasskeyRequest: {
            allowCredentials: components["schemas"]["KnownPasskey"][];
            challenge: string;
            rpId: string;
            timeout: number;
            userVerification: string;
        };
        /**
         * PasskeyUser
         * @description `id` is the user's id, which says nothing about them.
         */
        PasskeyUser: {
            displayName: string;
            id: string;
            name: string;
        };
        /**
         * Performance
         * @description Figures are None where there is too little to measure; `methods` says how each is made.
         *
         *         Returns and volatility are fractions; `slippage_bps` is the average price against the arrival
         *         mid, weighted by quantity at the arrival price, positive when it cost money.
         */
        Performance: {
            account: string;
            asset: string;
            equity_curve: components["schemas"]["EquityPoint"][];
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fees: string;
            figures: components["schemas"]["Figure"][];
            max_drawdown: number | null;
            methods: {
                [key: string]: string;
            };
            points: number;
            sharpe: number | null;
            slippage_bps: number | null;
            total_return: number | null;
            trades: number;
            volatility_annualised: number | null;
        };
        /**
         * PerformanceQuery
         * @description The caller's own account. At most `points_max` points of the equity curve, evenly chosen.
         *
         *         `metrics`: names of docs/metrics.md, groups of them or "all", joined by commas; without it come
         *         the usual ones.
         */
        PerformanceQuery: {
            /** @default  */
            metrics?: string;
            /** @default 500 */
            points_max?: number;
        };
        /**
         * PingCommand
         * @description Ask for a sign of life: answered even where every other command waits.
         */
        PingCommand: {
            id: string;
            /** @enum {unknown} */
            op: "ping";
        };
        /**
         * PlacedOrders
         * @description In the order of the request.
         */
        PlacedOrders: {
            orders: components["schemas"]["Order"][];
        };
        /**
         * PlaceOrder
         * @description `order_id` is made by the caller: sending it again is the same order, not another one.
         *
         *         - Stop and if-touched types wait for `trigger_price`: a buy looks at the ask, a sell at the bid,
         *           or both at the last trade (`trigger_by`). What triggers as a market order fills no further
         *           beyond its trigger than the price collar.
         *         - Trailing types follow the best price at the distance `trail`; `limit_offset` is how far the
         *           limit lies beyond the trigger.
         *         - `display_quantity` shows an iceberg's slice. `expires_at` is for GTD; DAY ends at 00:00 UTC.
         *         - `parent_id`: held until that order has filled, for no more than it filled. `group_id` with
         *           `contingency`: the first fill of one cancels the others (oco), or takes as much from them
         *           (ouo).
         */
        PlaceOrder: {
            /** @default null */
            contingency?: ("oco" | "ouo") | null;
            /** @default null */
            display_quantity?: string | null;
            /** @default null */
            expires_at?: string | null;
            /** @default null */
            group_id?: string | null;
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
            /** @default null */
            limit_offset?: string | null;
            /** @default null */
            limit_price?: string | null;
            /** Format: uuid */
            order_id: string;
            /** @default null */
            parent_id?: string | null;
            /** @default false */
            post_only?: boolean;
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
            /** @default null */
            recommendation_id?: string | null;
            /** @default false */
            reduce_only?: boolean;
            /** @enum {unknown} */
            side: "buy" | "sell";
            /** @default null */
            time_in_force?: ("DAY" | "FOK" | "GTC" | "GTD" | "IOC") | null;
            /** @default null */
            trail?: string | null;
            /**
             * @default quote
             * @enum {unknown}
             */
            trigger_by?: "quote" | "trade";
            /** @default null */
            trigger_price?: string | null;
            /** @enum {unknown} */
            type: "limit" | "limit_if_touched" | "market" | "market_if_touched" | "stop_limit" | "stop_market" | "trailing_stop_limit" | "trailing_stop_market";
        };
        /**
         * PlaceOrderBatch
         * @description Up to 100 at once.
         */
        PlaceOrderBatch: {
            items: components["schemas"]["PlaceOrder"][];
        };
        /**
         * PlaceOrderOutcome
         * @description What came of one item: `data`, or the `problem` it met.
         */
        PlaceOrderOutcome: {
            data: components["schemas"]["Order"] | null;
            problem: components["schemas"]["ItemProblem"] | null;
        };
        /**
         * PlaceOrderOutcomes
         * @description What came of each item, in their order.
         */
        PlaceOrderOutcomes: {
            items: components["schemas"]["PlaceOrderOutcome"][];
        };
        /**
         * PlaceOrders
         * @description Orders of one instrument that are placed together or not at all: a bracket is an entry, and a
         *         stop and a limit with its id as `parent_id` in one group.
         */
        PlaceOrders: {
            orders: components["schemas"]["PlaceOrder"][];
        };
        /**
         * PlanRoute
         * @description Split `quantity` of the base asset over the venues, at the least cost.
         *
         *         Venues of X in the middle (base-X and X-quote) make a path of two legs over it, which is
         *         weighed against the instrument's own venues as one more of them; without fixed costs.
         *
         *         `own_book` adds the desk's own view of the instrument, at the desk's taker fee. Every split is
         *         a multiple of `lot` (0.00000001 if left out).
         */
        PlanRoute: {
            /** @default [] */
            books?: components["schemas"]["LadderVenue"][];
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
            /** @default null */
            lot?: string | null;
            /** @default false */
            own_book?: boolean;
            /** @default [] */
            pools?: components["schemas"]["PoolVenue"][];
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
            /** @default [] */
            range_pools?: components["schemas"]["RangePoolVenue"][];
            /** @enum {unknown} */
            side: "buy" | "sell";
        };
        /**
         * PlanSchedule
         * @description Cut an order into slices.
         *
         *         `style` twap: even in time. vwap: in proportion to `profile`, the volume expected in each
         *         interval (which also says how many there are). pov: `participation_bps` of each of those
         *         volumes until it is done. iceberg: `display` at a time, each when the one before has filled.
         *         almgren_chriss: the least expected cost + risk aversion × variance under `model`; a model
         *         gives every other style its expected cost and variance too.
         *
         *         `start_at` is now if left out; `lot` is the listed instrument's.
         */
        PlanSchedule: {
            /** @default null */
            display?: string | null;
            /** @default 3600 */
            duration_s?: number;
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
            /** @default null */
            lot?: string | null;
            /** @default null */
            model?: components["schemas"]["CostModel"] | null;
            /** @default 1000 */
            participation_bps?: number;
            /** @default [] */
            profile?: string[];
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
            /** @enum {unknown} */
            side: "buy" | "sell";
            /** @default 10 */
            slices?: number;
            /** @default null */
            start_at?: string | null;
            /** @enum {unknown} */
            style: "almgren_chriss" | "iceberg" | "pov" | "twap" | "vwap";
        };
        /** PongFrame */
        PongFrame: {
            /** Format: date-time */
            at: string;
            id: string;
            /** @enum {unknown} */
            type: "pong";
        };
        /**
         * PoolVenue
         * @description A constant-product pool (x · y = k). Its fee is taken from what goes in.
         */
        PoolVenue: {
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            base_reserve: string;
            /**
             * @description Parts per million: 100 is one bp.
             * @default 3000
             */
            fee_ppm?: number;
            /** @default null */
            fixed_cost?: string | null;
            /** @default null */
            instrument?: string | null;
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quote_reserve: string;
            /** @example book */
            venue: string;
        };
        /**
         * PortfolioRisk
         * @description `gross` and `net` are notionals at the marks. Without returns there are no tail risks.
         */
        PortfolioRisk: {
            confidence_bps: number;
            greeks: components["schemas"]["OptionGreeks"][];
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            gross: string;
            incremental: components["schemas"]["IncrementalRisk"] | null;
            margin: components["schemas"]["MarginFigures"] | null;
            methods: {
                [key: string]: string;
            };
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            net: string;
            scenarios: number;
            tails: components["schemas"]["TailRisk"][];
        };
        /**
         * Position
         * @description `quantity` is what was traded since the account opened: bought minus sold.
         */
        Position: {
            average_price: string | null;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fees: string;
            instrument: string;
            mark_price: string | null;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            quantity: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            realized_pnl: string;
            unrealized_pnl: string | null;
        };
        /**
         * Positions
         * @description `balances` are what the account owns; `held` is reserved by open orders.
         */
        Positions: {
            account: string;
            balances: {
                [key: string]: string;
            };
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            equity: string;
            equity_asset: string;
            held: {
                [key: string]: string;
            };
            positions: components["schemas"]["Position"][];
        };
        /**
         * PositionShown
         * @description `mark` is the last mid, or the last trade where there was no quote; `value` at that mark.
         */
        PositionShown: {
            instrument: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            mark: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            quantity: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            value: string;
        };
        /**
         * PositionsQuery
         * @description No fields: the caller's own account.
         */
        PositionsQuery: Record<string, never>;
        /** PriceHistory */
        PriceHistory: {
            /** @default null */
            next_cursor?: string | null;
            points: components["schemas"]["PricePoint"][];
            symbol: string;
        };
        /**
         * PriceHistoryQuery
         * @description Newest first, since the desk was started.
         */
        PriceHistoryQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 100 */
            limit?: number;
            /** @default null */
            since?: string | null;
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            symbol: string;
            /** @default null */
            until?: string | null;
        };
        /**
         * PricePoint
         * @description An aggregated price as it was given at a time, from so many sources.
         */
        PricePoint: {
            /** Format: date-time */
            at: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            confidence: string;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
            sources: number;
        };
        /** PriceQuery */
        PriceQuery: {
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            symbol: string;
        };
        /**
         * Problem
         * @description What went wrong (`detail`), where, and what can be done (`advice`).
         *
         *         `code` is stable. `where` is a JSON pointer into the request, or the name of a header;
         *         `details` holds facts for machines, such as the number and the limit of a failed check.
         *         `trace_id` finds it in the traces and in the audit trail.
         */
        Problem: {
            advice: string;
            code: string;
            detail: string;
            /** @default {} */
            details?: {
                [key: string]: string;
            };
            instance: string;
            /** Format: uuid */
            request_id: string;
            status: number;
            title: string;
            /** @default  */
            trace_id?: string;
            /** @description Where this code is explained. */
            type: string;
            where: string | null;
        };
        /**
         * ProblemFrame
         * @description Why a command failed. `id` is null where the command could not even be read.
         */
        ProblemFrame: {
            id: string | null;
            problem: components["schemas"]["Problem"];
            /** @enum {unknown} */
            type: "problem";
        };
        /**
         * PromoteStrategy
         * @description Into paper: `instruments` are needed; `version` is the newest unless named; `params` as text,
         *         frozen from there on; `balance` is what the run begins with, in the quote asset.
         *
         *         Into canary and live it is the version that stands in the stage before, as it is; `share` is the
         *         canary's part of the size that the strategy asks for.
         */
        PromoteStrategy: {
            /** @default null */
            balance?: string | null;
            /** @default null */
            instruments?: string[] | null;
            /** @default {} */
            params?: {
                [key: string]: string;
            };
            /** @default null */
            share?: number | null;
            /** @example ema-cross */
            strategy: string;
            /** @enum {unknown} */
            to: "canary" | "live" | "paper";
            /** @default null */
            version?: string | null;
        };
        /** PromotionAssessed */
        PromotionAssessed: {
            checks: components["schemas"]["GateCheck"][];
            measured_on: string | null;
            passed: boolean;
            strategy: string;
            /** @enum {unknown} */
            to: "canary" | "live" | "paper";
            version: string;
        };
        /**
         * StatsQuery
         * @description No fields.
         */
        "quantdesk.services.cache.StatsQuery": Record<string, never>;
        /**
         * StatsQuery
         * @description No fields.
         */
        "quantdesk.services.event.StatsQuery": Record<string, never>;
        /**
         * Quarantine
         * @description The newest rows first; `total` counts all since the start.
         */
        Quarantine: {
            /** @default null */
            next_cursor?: string | null;
            rows: components["schemas"]["QuarantinedRow"][];
            total: number;
        };
        /**
         * QuarantinedRow
         * @description A frame that was not believed: why, and its text (cut to 2,048 characters).
         */
        QuarantinedRow: {
            detail: string;
            frame: string;
            reason: string;
            /** Format: date-time */
            received_at: string;
            source: string;
        };
        /**
         * QuarantineQuery
         * @description The newest first; `source` and `reason` narrow.
         */
        QuarantineQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default null */
            reason?: string | null;
            /** @default 100 */
            rows_max?: number;
            /** @default null */
            source?: string | null;
        };
        /** QueueInfo */
        QueueInfo: {
            dead: number;
            leased: number;
            queue: string;
            waiting: number;
        };
        /** Queues */
        Queues: {
            queues: components["schemas"]["QueueInfo"][];
        };
        /**
         * QueuesQuery
         * @description No fields.
         */
        QueuesQuery: Record<string, never>;
        /**
         * Quote
         * @description Best bid and ask of one instrument at one venue.
         */
        Quote: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            ask: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            ask_size: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            bid: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            bid_size: string;
            /** Format: date-time */
            event_time: string;
            instrument: string;
            /** Format: date-time */
            received_at: string;
            sequence: number;
            venue: string;
        };
        /** QuoteQuery */
        QuoteQuery: {
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
        };
        /**
         * RangePoolVenue
         * @description A concentrated-liquidity pool: ranges in ascending order that do not overlap.
         */
        RangePoolVenue: {
            /**
             * @description Parts per million: 100 is one bp.
             * @default 3000
             */
            fee_ppm?: number;
            /** @default null */
            fixed_cost?: string | null;
            /** @default null */
            instrument?: string | null;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
            ranges: components["schemas"]["LiquidityRange"][];
            /** @example book */
            venue: string;
        };
        /**
         * Reason
         * @description One signal: its value in [-1, 1], its learned weight, and what it says in words.
         */
        Reason: {
            contribution: number;
            signal: string;
            value: number;
            weight: number;
            words: string;
        };
        /** Recommend */
        Recommend: {
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
        };
        /**
         * Recommendation
         * @description `action` is buy, sell or hold. `score` is the weighted sum of the signals in [-1, 1].
         *
         *         `as_of` is the newest market time it saw; `evidence` are the stream offsets of those ticks;
         *         `similar` are remembered situations with their as-of times.
         */
        Recommendation: {
            account: string;
            /** @enum {unknown} */
            action: "buy" | "hold" | "sell";
            approved_by: string | null;
            /** Format: date-time */
            as_of: string;
            /** Format: date-time */
            created_at: string;
            evidence: {
                [key: string]: number;
            };
            expected_edge_bps: number;
            features: {
                [key: string]: number;
            };
            instrument: string;
            model: string;
            model_version: number;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            quantity: string;
            reasons: components["schemas"]["Reason"][];
            /** Format: uuid */
            recommendation_id: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            reference_price: string;
            score: number;
            similar: {
                [key: string]: string;
            }[];
            /** @enum {unknown} */
            state: "approved" | "expired" | "proposed";
            weights_version: number;
        };
        /** Recommendations */
        Recommendations: {
            /** @default null */
            next_cursor?: string | null;
            recommendations: components["schemas"]["Recommendation"][];
        };
        /**
         * RecommendationsQuery
         * @description Newest first.
         */
        RecommendationsQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 50 */
            limit?: number;
            /** @default null */
            since?: string | null;
            /** @default null */
            until?: string | null;
        };
        /** RefreshSession */
        RefreshSession: {
            refresh_token: string;
        };
        /** RegisterPasskey */
        RegisterPasskey: {
            /** @example AAAA */
            attestation_object: string;
            /** @example AAAA */
            client_data_json: string;
            /** @example AAAA */
            credential_id: string;
            /** @example laptop */
            name: string;
        };
        /**
         * RegisterStrategy
         * @description `gates` are the strategy's from now on; without them it keeps those it has.
         */
        RegisterStrategy: {
            /**
             * @description A file in the desk's strategies folder, by name.
             * @example ema_cross.py
             */
            file: string;
            /** @default null */
            gates?: components["schemas"]["Gates"] | null;
        };
        /** RelyingParty */
        RelyingParty: {
            id: string;
            name: string;
        };
        /** Removed */
        Removed: {
            removed: boolean;
        };
        /** RemovePasskey */
        RemovePasskey: {
            /** Format: uuid */
            passkey_id: string;
        };
        /** RemoveWallet */
        RemoveWallet: {
            /** @example 7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv */
            address: string;
        };
        /**
         * ReplyFrame
         * @description The operation's reply, in the envelope that REST uses.
         */
        ReplyFrame: {
            data: unknown;
            id: string;
            meta: components["schemas"]["ReplyMeta"];
            /** @enum {unknown} */
            type: "reply";
        };
        /**
         * ReplyMeta
         * @description Which request this answers, and when it was answered.
         */
        ReplyMeta: {
            /** Format: uuid */
            request_id: string;
            /** Format: date-time */
            timestamp: string;
        };
        /**
         * Resume
         * @description Where a dropped connection left off: the last number that was read of this channel.
         */
        Resume: {
            channel: string;
            sequence: number;
        };
        /**
         * ReturnSeries
         * @description Simple returns of one instrument, one per scenario; the same scenarios in every series.
         */
        ReturnSeries: {
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
            returns: number[];
        };
        /**
         * ReturnsMeasured
         * @description `drawdowns`: the deepest first.
         */
        ReturnsMeasured: {
            drawdowns: components["schemas"]["DrawdownPeriod"][];
            figures: components["schemas"]["Figure"][];
            months: components["schemas"]["MonthlyReturn"][];
            observations: number;
            periods_per_year: number;
            risk_free: number;
            rolling: components["schemas"]["RollingFigures"][];
        };
        /** RevokeApiKey */
        RevokeApiKey: {
            /** Format: uuid */
            key_id: string;
        };
        /**
         * RiskCheck
         * @description One check of the pre-trade gate with its number and its limit.
         *
         *         `unit` is an asset, "bps", "ms", or what is counted; empty for a yes or no. An empty `limit` is
         *         none. `scope` is whose limit it is: desk, account or strategy; empty where it is nobody's own.
         */
        RiskCheck: {
            check: string;
            limit: string;
            passed: boolean;
            /** @default  */
            scope?: string;
            /** @default  */
            unit?: string;
            value: string;
        };
        /**
         * RiskHolding
         * @description `quantity` of the base is negative if short; `price` is the mark. Without an `entry_price`
         *         the holding has no profit yet. Open orders count in the margin's worst case.
         */
        RiskHolding: {
            /** @default null */
            entry_price?: string | null;
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
            /** @default null */
            open_buys?: string | null;
            /** @default null */
            open_sells?: string | null;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            quantity: string;
        };
        /**
         * RiskLimitsQuery
         * @description All scopes, those changed last first.
         */
        RiskLimitsQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 50 */
            limit?: number;
        };
        /**
         * RiskQuery
         * @description No fields.
         */
        RiskQuery: Record<string, never>;
        /**
         * RiskScope
         * @description A scope with limits of its own, or in reduce-only mode. `name` is empty for the desk.
         *
         *         `reason`, `set_by` and `set_at` are of the last change of either.
         */
        RiskScope: {
            limits: components["schemas"]["ScopeLimits"];
            name: string;
            reason: string;
            reduce_only: boolean;
            /** @enum {unknown} */
            scope: "account" | "desk" | "strategy";
            /** Format: date-time */
            set_at: string;
            set_by: string;
        };
        /**
         * RiskScopes
         * @description `configured` holds for every account, whatever its scope says.
         */
        RiskScopes: {
            configured: {
                [key: string]: string;
            };
            /** @default null */
            next_cursor?: string | null;
            scopes: components["schemas"]["RiskScope"][];
        };
        /**
         * RiskState
         * @description `halted`: the journal could not be written, and nothing new is taken until a restart.
         *
         *         `reduce_only` is the whole desk's mode, `account_reduce_only` that of the caller's account.
         *         `scenarios` are those that the value at risk is taken over; with fewer than `scenarios_min` it
         *         stops nothing.
         */
        RiskState: {
            /** @default false */
            account_reduce_only?: boolean;
            /** @default false */
            halted?: boolean;
            kill_switch: boolean;
            limits: {
                [key: string]: string;
            };
            reason: string;
            /** @default false */
            reduce_only?: boolean;
            /** @default 0 */
            scenarios?: number;
            /** @default 0 */
            scenarios_min?: number;
        };
        /**
         * RollBack
         * @description Out of `stage`: to the version that this one replaced there, else to the stage before.
         *         `stop` puts nothing in its place.
         */
        RollBack: {
            reason: string;
            /** @enum {unknown} */
            stage: "canary" | "live" | "paper";
            /** @default false */
            stop?: boolean;
            /** @example ema-cross */
            strategy: string;
        };
        /**
         * RollingAsk
         * @description Figures over every `window` returns; of long series evenly chosen windows are shown.
         */
        RollingAsk: {
            metrics: ("beta" | "max_drawdown" | "return" | "sharpe" | "sortino" | "volatility")[];
            /** @default 500 */
            points_max?: number;
            window: number;
        };
        /**
         * RollingFigures
         * @description `values[i]` is of the window that ends with return number `ends[i]`, counted from 1.
         */
        RollingFigures: {
            ends: number[];
            name: string;
            /** @default null */
            note?: string | null;
            unit: string;
            values: (number | null)[];
            window: number;
        };
        /**
         * RotateKey
         * @description `at_once` is for a key that leaked: every access token issued so far is refused.
         */
        RotateKey: {
            /** @default false */
            at_once?: boolean;
        };
        /**
         * Route
         * @description `total` is what is paid (or received) in the quote asset, fixed costs included.
         *
         *         Splits of a path's first leg pay or bring the asset in the middle, which the second leg trades.
         *         `best_single_total` is what the best venue alone would give, None where none can take it all.
         */
        Route: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            average_price: string;
            best_single_total: string | null;
            best_single_venue: string | null;
            certificate: components["schemas"]["RouteCertificate"];
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fixed_costs: string;
            instrument: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            quantity: string;
            saving_bps: number | null;
            /** @enum {unknown} */
            side: "buy" | "sell";
            splits: components["schemas"]["RouteSplit"][];
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            total: string;
        };
        /**
         * RouteCertificate
         * @description Why no other split is better, checkable without trust in the router.
         *
         *         At the optimum every used venue has the same marginal price (fees included) and every unused
         *         one a worse price; `kkt_residual` is the largest relative violation over the venues, of the
         *         split as given (lots included). `bound` is the dual bound of the total at that price: no split
         *         whatever can be better; `gap_bps` is how far the total is from it. `optimal_subset` is false
         *         where venues with fixed costs were too many to try every subset of them: then `gap_bps`
         *         says how much better another choice of venues could be at most.
         */
        RouteCertificate: {
            bound: number;
            gap_bps: number;
            kkt_residual: number;
            marginal_price: number;
            optimal_subset: boolean;
            subsets_tried: number;
        };
        /**
         * RouteSplit
         * @description What goes to one venue. `quote` is paid (buy) or received (sell), its fee included.
         *
         *         `fee` is in `fee_asset`. Every rounding, to 1e-8, is to the disadvantage of who trades.
         */
        RouteSplit: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fee: string;
            fee_asset: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            fixed_cost: string;
            instrument: string;
            /** @enum {unknown} */
            kind: "book" | "pool" | "range_pool";
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            quantity: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            quote: string;
            venue: string;
        };
        /**
         * Run
         * @description A version at work in one stage. It trades on an account of its own, `trading_account`.
         *
         *         `equity`, `total_return`, `drawdown` (fractions) and `deviation_bps` are as of the last look.
         */
        Run: {
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            balance: string;
            deviation_bps: number | null;
            drawdown: number | null;
            equity: string | null;
            instruments: string[];
            params: {
                [key: string]: string;
            };
            /** Format: uuid */
            run_id: string;
            share: number;
            /** @enum {unknown} */
            stage: "canary" | "live" | "paper";
            /** Format: date-time */
            started_at: string;
            total_return: number | null;
            trading_account: string;
            venue: string;
            version: string;
        };
        /**
         * ScheduleSlice
         * @description `at` is None for an iceberg's slices: each follows the fill of the one before.
         */
        ScheduleSlice: {
            at: string | null;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            quantity: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            remaining: string;
        };
        /**
         * ScopeLimits
         * @description Limits as in the configuration's `trading.limits`, of one scope; None: none of its own.
         *
         *         An account's are on that account, a strategy's on what that caller placed, the desk's on the
         *         whole desk. `instruments` are the only ones that the scope may trade, `restricted` those that it
         *         may not. Notionals, losses and the value at risk are in the quote asset.
         */
        ScopeLimits: {
            /** @default null */
            daily_loss_max?: string | null;
            /** @default null */
            drawdown_max?: string | null;
            /** @default null */
            gross_notional_max?: string | null;
            /** @default null */
            instruments?: string[] | null;
            /** @default null */
            net_notional_max?: string | null;
            /** @default null */
            open_orders_max?: number | null;
            /** @default null */
            oracle_deviation_bps_max?: number | null;
            /** @default null */
            order_lots_max?: number | null;
            /** @default null */
            order_lots_min?: number | null;
            /** @default null */
            order_notional_max?: string | null;
            /** @default null */
            order_notional_min?: string | null;
            /** @default null */
            orders_per_s_max?: number | null;
            /** @default null */
            participation_bps_max?: number | null;
            /** @default null */
            position_notional_max?: string | null;
            /** @default null */
            price_collar_bps?: number | null;
            /** @default null */
            reference_age_ms_max?: number | null;
            /** @default null */
            repeated_orders_max?: number | null;
            /** @default [] */
            restricted?: string[];
            /** @default null */
            value_at_risk_max?: string | null;
        };
        /** SearchMemory */
        SearchMemory: {
            /** @default 5 */
            limit?: number;
            text: string;
        };
        /**
         * SecondFactors
         * @description `totp_since` is when codes were confirmed; null without them.
         */
        SecondFactors: {
            passkeys: components["schemas"]["Passkey"][];
            totp_since: string | null;
        };
        /**
         * SecondFactorsQuery
         * @description No fields: the caller's own.
         */
        SecondFactorsQuery: Record<string, never>;
        /**
         * Session
         * @description `access_token` is a signed EdDSA JWT: send it as `Authorization: Bearer …`.
         *
         *         `refresh_token` is good for one use: `refresh_session` gives the next pair of both.
         */
        Session: {
            access_token: string;
            /** Format: date-time */
            expires_at: string;
            /** @default null */
            refresh_expires_at?: string | null;
            /** @default null */
            refresh_token?: string | null;
            roles: string[];
            token_type: string;
            username: string;
        };
        /** SetKillSwitch */
        SetKillSwitch: {
            engaged: boolean;
            reason: string;
        };
        /**
         * SetReduceOnly
         * @description Let a scope only reduce its positions, or let it trade again.
         */
        SetReduceOnly: {
            engaged: boolean;
            /** @default  */
            name?: string;
            reason: string;
            /** @enum {unknown} */
            scope: "account" | "desk" | "strategy";
        };
        /**
         * SetRiskLimits
         * @description These limits instead of those that the scope had. They can only tighten what is configured.
         *
         *         A strategy is named by the caller id that its orders are placed with.
         */
        SetRiskLimits: {
            limits: components["schemas"]["ScopeLimits"];
            /** @default  */
            name?: string;
            reason: string;
            /** @enum {unknown} */
            scope: "account" | "desk" | "strategy";
        };
        /**
         * SettlementInfo
         * @description `state` is pending, confirmed, or refused (then `reason` says why).
         */
        SettlementInfo: {
            fee_lamports: number | null;
            oracle_price: string | null;
            reason: string | null;
            /** Format: uuid */
            settlement_id: string;
            signature: string | null;
            slot: number | null;
            state: string;
        };
        /**
         * ShortfallFill
         * @description `fee` is in the quote asset.
         */
        ShortfallFill: {
            /** @default null */
            fee?: string | null;
            /**
             * @description Quote asset per one base asset; above zero.
             * @example 1.5
             */
            price: string;
            /**
             * @description Size in the base asset; above zero. The side says whether it is bought or sold.
             * @example 1.5
             */
            quantity: string;
        };
        /**
         * SignedCheckpoint
         * @description The newest: the first `size` entries have the Merkle root `root` (RFC 6962). `line` is what
         *         stands in the file of checkpoints, for a copy elsewhere.
         */
        SignedCheckpoint: {
            /** Format: date-time */
            at: string;
            line: string;
            public_key: string;
            root: string;
            size: number;
        };
        /**
         * SnapshotFrame
         * @description The state that the events behind `sequence` change.
         */
        SnapshotFrame: {
            channel: string;
            data: unknown;
            operation: string;
            sequence: number;
            /** @enum {unknown} */
            type: "snapshot";
        };
        /**
         * SourceHealth
         * @description `kind` is simulated, replay or live; `simulated` data is never called anything else.
         *         `dropped` frames came faster than the desk took them.
         */
        SourceHealth: {
            connected: boolean;
            crossed_books: number;
            /** @default 0 */
            dropped?: number;
            frames: number;
            instruments: string[];
            kind: string;
            last_received_at: string | null;
            level_changes: number;
            quarantined: number;
            quotes: number;
            reconnects: number;
            sequence_gaps: number;
            source: string;
            trades: number;
        };
        /**
         * SourcePrice
         * @description What one source says. `status` is used, stale, diverging or unverified; `weight` sums to 1
         *         over the used ones. `provenance` names the proof: signer set, slot, account or venue; `reason`
         *         says why a source was not used.
         */
        SourcePrice: {
            age_ms: number;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            confidence: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            price: string;
            provenance: string;
            /** Format: date-time */
            published_at: string;
            /** @default null */
            reason?: string | null;
            source: string;
            status: string;
            /**
             * @description An exact decimal of either sign, such as a balance or a profit.
             * @example 1.5
             */
            weight: string;
        };
        /** Sources */
        Sources: {
            sources: components["schemas"]["SourceHealth"][];
        };
        /**
         * SourcesQuery
         * @description No fields.
         */
        SourcesQuery: Record<string, never>;
        /**
         * StageGates
         * @description What must have been measured in the stage before. None: not asked for.
         *
         *         `drawdown_max` is a fraction of the highest equity; `sharpe_min` is annualised;
         *         `deflated_sharpe_min` is a probability; `slippage_bps_max` is how much dearer than in the
         *         backtest fills may be; `deviation_bps_max` is how far a canary's return may be from that of its
         *         paper reference; `errors_max` counts refused orders.
         */
        StageGates: {
            /** @default null */
            days_min?: number | null;
            /** @default null */
            deflated_sharpe_min?: number | null;
            /** @default null */
            deviation_bps_max?: number | null;
            /** @default 0.1 */
            drawdown_max?: number | null;
            /** @default 0 */
            errors_max?: number | null;
            /** @default null */
            events_min?: number | null;
            /** @default 0 */
            sharpe_min?: number | null;
            /** @default null */
            slippage_bps_max?: number | null;
            /** @default 20 */
            trades_min?: number;
        };
        /**
         * StartBacktest
         * @description Of the newest version unless one is named; the other settings, and what holds without them,
         *         are those of `quantdesk backtest`. `begin` (included) and `end` (not included) cut the
         *         recordings.
         */
        StartBacktest: {
            /** @default null */
            balance?: string | null;
            /**
             * @default 0
             * @enum {unknown}
             */
            depth?: 0 | 1 | 2;
            /** @default 0 */
            entry_ns?: number;
            /** @default null */
            from?: string | null;
            instruments: string[];
            /** @default null */
            maker_fee?: string | null;
            /** @default null */
            mode?: ("batch" | "callback" | "compiled") | null;
            /** @default {} */
            params?: {
                [key: string]: string;
            };
            /**
             * @default risk_averse
             * @enum {unknown}
             */
            queue?: "log_prob" | "log_prob_2" | "none" | "power_prob" | "power_prob_2" | "power_prob_3" | "risk_averse";
            recordings: string[];
            /** @default 0 */
            response_ns?: number;
            /** @example ema-cross */
            strategy: string;
            /** @default null */
            taker_fee?: string | null;
            /** @default null */
            to?: string | null;
            /** @default null */
            version?: string | null;
        };
        /**
         * StatusQuery
         * @description No fields.
         */
        StatusQuery: Record<string, never>;
        /**
         * SteppedUp
         * @description An access token of the same session that carries the proof.
         */
        SteppedUp: {
            access_token: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: date-time */
            stepped_up_at: string;
            token_type: string;
        };
        /** Story */
        Story: {
            /** Format: uuid */
            order_id: string;
            sections: components["schemas"]["StorySection"][];
        };
        /** StoryQuery */
        StoryQuery: {
            /** Format: uuid */
            order_id: string;
        };
        /**
         * StorySection
         * @description One chapter; `facts` are label → value, in reading order.
         */
        StorySection: {
            facts: [
                string,
                string
            ][];
            title: string;
        };
        /**
         * StrategiesQuery
         * @description By name.
         */
        StrategiesQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 50 */
            limit?: number;
        };
        /** StrategyDetails */
        StrategyDetails: {
            gates: components["schemas"]["Gates"];
            newest: components["schemas"]["StrategyVersion"];
            strategy: string;
            versions: number;
        };
        /** StrategyList */
        StrategyList: {
            /** @default null */
            next_cursor?: string | null;
            strategies: components["schemas"]["StrategyShown"][];
        };
        /** StrategyShown */
        StrategyShown: {
            newest_version: string;
            /** Format: date-time */
            registered_at: string;
            strategy: string;
            summary: string;
            versions: number;
        };
        /**
         * StrategyVersion
         * @description `models` are versions in the ML service, `name@version`.
         */
        StrategyVersion: {
            file: string;
            models: {
                [key: string]: string;
            };
            modes: string[];
            parameters: components["schemas"]["DeclaredParameter"][];
            /** Format: date-time */
            registered_at: string;
            strategy: string;
            summary: string;
            version: string;
        };
        /**
         * Stress
         * @description One scenario of a portfolio margin: every price moves by `price`, every volatility by
         *         `volatility` (both relative); `weight` dampens the loss.
         */
        Stress: {
            price: number;
            /** @default 0 */
            volatility?: number;
            /** @default 1 */
            weight?: number;
        };
        /**
         * SubmitAccount
         * @description An oracle account as a cluster holds it: its address, the program that owns it, its data.
         */
        SubmitAccount: {
            address: string;
            data_base64: string;
            owner: string;
        };
        /**
         * SubmitUpdate
         * @description A Pyth accumulator update in base64.
         */
        SubmitUpdate: {
            update_base64: string;
        };
        /**
         * SubscribeCommand
         * @description Follow a stream operation, from now or from where `resume` says.
         */
        SubscribeCommand: {
            id: string;
            /** @enum {unknown} */
            op: "subscribe";
            operation: string;
            request?: Record<string, never>;
            /** @default null */
            resume?: components["schemas"]["Resume"] | null;
            /** @default null */
            traceparent?: string | null;
        };
        /**
         * SubscribedFrame
         * @description Events of this channel follow `sequence`. `resumed`: just those that were not read yet.
         */
        SubscribedFrame: {
            channel: string;
            id: string;
            operation: string;
            resumed: boolean;
            sequence: number;
            /** @enum {unknown} */
            type: "subscribed";
        };
        /**
         * Summary
         * @description `up_s`: how long the desk has been counting.
         */
        Summary: {
            departments: components["schemas"]["DepartmentFigures"][];
            up_s: number;
        };
        /**
         * SummaryQuery
         * @description No fields.
         */
        SummaryQuery: Record<string, never>;
        /**
         * TailRisk
         * @description Losses over one scenario period, positive. `reliable` is false where the method's own
         *         conditions do not hold (Cornish-Fisher: the expansion falls somewhere within six deviations).
         */
        TailRisk: {
            expected_shortfall: number;
            /** @enum {unknown} */
            method: "cornish_fisher" | "historical" | "variance_covariance";
            /** @default true */
            reliable?: boolean;
            value_at_risk: number;
        };
        /**
         * TestedStrategy
         * @description `version` is the SHA-256 of the file, `models` what answered, with its digest.
         */
        TestedStrategy: {
            /** @enum {unknown} */
            mode: "batch" | "callback" | "compiled";
            models: {
                [key: string]: string;
            };
            name: string;
            params: {
                [key: string]: string;
            };
            version: string;
        };
        /**
         * Ticket
         * @description Good for one connection, for a few seconds: `/v1/ws?ticket=…`.
         */
        Ticket: {
            /** Format: date-time */
            expires_at: string;
            ticket: string;
        };
        /**
         * TimingShown
         * @description For people; no part of what is repeatable. `run_ns_per_event` is of the run alone, without
         *         compiling.
         */
        TimingShown: {
            compile_s: number;
            load_s: number;
            run_ns_per_event: number;
            run_s: number;
        };
        /**
         * ToolUse
         * @description A tool that the model called, through a door and with the caller's rights.
         */
        ToolUse: {
            arguments: {
                [key: string]: string;
            };
            outcome: string;
            tool: string;
        };
        /** TopicInfo */
        TopicInfo: {
            end_offset: number;
            groups: components["schemas"]["GroupLag"][];
            partition: number;
            topic: string;
        };
        /** Topics */
        Topics: {
            topics: components["schemas"]["TopicInfo"][];
        };
        /**
         * TopicsQuery
         * @description No fields.
         */
        TopicsQuery: Record<string, never>;
        /** TopicStats */
        TopicStats: {
            last_sequence: number;
            subscribers: number;
            topic: string;
        };
        /**
         * TotpEnrolment
         * @description Told this once. `uri` is what an authenticator app reads from a QR code.
         */
        TotpEnrolment: {
            secret: string;
            uri: string;
        };
        /**
         * Transaction
         * @description `status` is confirmed or failed; `transfers` are in whole asset amounts, signed.
         */
        Transaction: {
            /** Format: date-time */
            block_time: string;
            compute_units: number;
            error: string | null;
            fee_lamports: number;
            logs: string[];
            memo: string | null;
            order_id: string | null;
            purpose: string;
            settlement_id: string | null;
            signature: string;
            slot: number;
            status: string;
            transfers: {
                [key: string]: string;
            }[];
        };
        /** TransactionQuery */
        TransactionQuery: {
            signature: string;
        };
        /** Transactions */
        Transactions: {
            /** @default null */
            next_cursor?: string | null;
            transactions: components["schemas"]["Transaction"][];
        };
        /**
         * TransactionsQuery
         * @description Newest first: the caller's own and those about no account; all for who has
         *         `operations.read`. `order_id` narrows to one order.
         */
        TransactionsQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 50 */
            limit?: number;
            /** @default null */
            order_id?: string | null;
            /** @default null */
            since?: string | null;
            /** @default null */
            until?: string | null;
        };
        /** UnsubscribeCommand */
        UnsubscribeCommand: {
            channel: string;
            id: string;
            /** @enum {unknown} */
            op: "unsubscribe";
        };
        /** UnsubscribedFrame */
        UnsubscribedFrame: {
            channel: string;
            id: string;
            /** @enum {unknown} */
            type: "unsubscribed";
        };
        /**
         * UpdateAccepted
         * @description What the update proved. Feeds that the desk does not follow are counted, not kept.
         */
        UpdateAccepted: {
            feeds: number;
            signatures: number;
            signer_set: number;
            slot: number;
            symbols: string[];
        };
        /** User */
        User: {
            /** Format: date-time */
            created_at: string;
            roles: string[];
            /** Format: uuid */
            user_id: string;
            username: string;
        };
        /** Users */
        Users: {
            /** @default null */
            next_cursor?: string | null;
            users: components["schemas"]["User"][];
        };
        /**
         * UsersQuery
         * @description By user name; `role` narrows to those who have it.
         */
        UsersQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 10000 */
            limit?: number;
            /** @default null */
            role?: string | null;
        };
        /**
         * ValidateVar
         * @description Losses as they came, oldest first, and the value at risk that was told for each.
         */
        ValidateVar: {
            /** @default 9900 */
            confidence_bps?: number;
            losses: number[];
            values_at_risk: number[];
        };
        /**
         * VarTest
         * @description A likelihood ratio and its p-value: small means that the VaR does not hold.
         */
        VarTest: {
            p_value: number;
            statistic: number;
        };
        /**
         * VarTests
         * @description `kupiec` (1995): are there as many exceedances as there should be? `christoffersen` (1998):
         *         that, and one does not make the next more likely.
         */
        VarTests: {
            christoffersen: components["schemas"]["VarTest"];
            exceedances: number;
            expected: number;
            kupiec: components["schemas"]["VarTest"];
            observations: number;
        };
        /** Venues */
        Venues: {
            venues: components["schemas"]["VenueShown"][];
        };
        /**
         * VenueShown
         * @description A venue outside. `state` is "ok", or what is wrong. `differences` are the newest that were
         *         found between our books and the venue, for a person to look at; all are counted.
         */
        VenueShown: {
            amend: boolean;
            cancel_on_disconnect: boolean;
            differences: string[];
            differences_total: number;
            exchange: string;
            instruments: string[];
            live_orders: number;
            order_types: string[];
            reconciled_at: string | null;
            sandbox: boolean;
            state: string;
            times_in_force: string[];
            unknown_orders: number;
            venue: string;
        };
        /**
         * VenuesQuery
         * @description No fields.
         */
        VenuesQuery: Record<string, never>;
        /** VersionList */
        VersionList: {
            /** @default null */
            next_cursor?: string | null;
            versions: components["schemas"]["StrategyVersion"][];
        };
        /**
         * VersionSource
         * @description The text as it was registered, whatever became of the file.
         */
        VersionSource: {
            registered_by: string;
            source: string;
            strategy: string;
            version: string;
        };
        /**
         * VersionsQuery
         * @description Newest first.
         */
        VersionsQuery: {
            /** @default null */
            cursor?: string | null;
            /** @default 50 */
            limit?: number;
            /** @example ema-cross */
            strategy: string;
        };
        /** Wallet */
        Wallet: {
            address: string;
            /** Format: date-time */
            linked_at: string;
        };
        /**
         * WalletChallenge
         * @description `text` is what the wallet signs, byte for byte (Sign-In With Solana).
         */
        WalletChallenge: {
            /** Format: date-time */
            expires_at: string;
            nonce: string;
            text: string;
        };
        /** Wallets */
        Wallets: {
            wallets: components["schemas"]["Wallet"][];
        };
        /**
         * WalletsQuery
         * @description No fields: the caller's own wallets.
         */
        WalletsQuery: Record<string, never>;
        /**
         * WatchDeployments
         * @description No fields: the deployments of the caller's account.
         */
        WatchDeployments: Record<string, never>;
        /**
         * WatchExecutions
         * @description No fields: the executions of the caller's account.
         */
        WatchExecutions: Record<string, never>;
        /**
         * WatchOrders
         * @description No fields: the orders of the caller's account.
         */
        WatchOrders: Record<string, never>;
        /** WatchQuotes */
        WatchQuotes: {
            /**
             * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
             * @example SOL-USDC
             */
            instrument: string;
        };
        /**
         * WelcomeFrame
         * @description The first frame. Silence for longer than twice `heartbeat_s` means that the line is dead.
         */
        WelcomeFrame: {
            heartbeat_s: number;
            in_flight_max: number;
            message_bytes_max: number;
            subscriptions_max: number;
            /** @enum {unknown} */
            type: "welcome";
        };
        /**
         * WhoAmI
         * @description No fields.
         */
        WhoAmI: Record<string, never>;
    };
    responses: {
        /** @description Codes: `invalid_input`. */
        Problem400: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `step_up_required`, `unauthenticated`. */
        Problem401: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `forbidden`. */
        Problem403: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `not_found`. */
        Problem404: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `method_not_allowed`. */
        Problem405: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `request_timeout`. */
        Problem408: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `conflict`. */
        Problem409: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `body_too_large`. */
        Problem413: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `uri_too_long`. */
        Problem414: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `unsupported_media_type`. */
        Problem415: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `misdirected`. */
        Problem421: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `oracle_refused`, `refused`, `risk_refused`. */
        Problem422: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `upgrade_required`. */
        Problem426: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `rate_limited`. */
        Problem429: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `headers_too_large`. */
        Problem431: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `corrupt_data`, `internal`, `misconfigured`. */
        Problem500: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `audit_unavailable`, `circuit_open`, `unavailable`. */
        Problem503: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Codes: `outcome_unknown`. */
        Problem504: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nothing has changed since the reply whose ETag was sent. */
        Unchanged: {
            headers: {
                ETag: components["headers"]["ETag"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content?: never;
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description A weak tag of `data`: send it as If-None-Match. Short replies have one only where the request has that header. */
        ETag: string;
        /** @description The id of this request, to be found again in the audit trail. */
        RequestId: string;
        /** @description Seconds until the next call is admitted. */
        RetryAfter: number;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    ai_chat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "message": "text"
                 *     }
                 */
                "application/json": components["schemas"]["Chat"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "confidence": 1,
                     *         "model": "text",
                     *         "recommendation": {
                     *           "account": "text",
                     *           "action": "buy",
                     *           "approved_by": "text",
                     *           "as_of": "2026-11-24T08:00:00Z",
                     *           "created_at": "2026-11-24T08:00:00Z",
                     *           "evidence": {
                     *             "name": 1
                     *           },
                     *           "expected_edge_bps": 1,
                     *           "features": {
                     *             "name": 1
                     *           },
                     *           "instrument": "text",
                     *           "model": "text",
                     *           "model_version": 1,
                     *           "quantity": "1.5",
                     *           "reasons": [
                     *             {
                     *               "contribution": 1,
                     *               "signal": "text",
                     *               "value": 1,
                     *               "weight": 1,
                     *               "words": "text"
                     *             }
                     *           ],
                     *           "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *           "reference_price": "1.5",
                     *           "score": 1,
                     *           "similar": [
                     *             {
                     *               "name": "text"
                     *             }
                     *           ],
                     *           "state": "approved",
                     *           "weights_version": 1
                     *         },
                     *         "reply": "text",
                     *         "tools": [
                     *           {
                     *             "arguments": {
                     *               "name": "text"
                     *             },
                     *             "outcome": "text",
                     *             "tool": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ChatReply"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    ai_list_lessons: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                order_id?: string;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "lessons": [
                     *           {
                     *             "learned_at": "2026-11-24T08:00:00Z",
                     *             "lesson_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "return_bps": 1,
                     *             "reward": 1,
                     *             "weights_after": {
                     *               "name": 1
                     *             },
                     *             "weights_before": {
                     *               "name": 1
                     *             },
                     *             "weights_version": 1
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Lessons"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ai_search_memory: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "text": "text"
                 *     }
                 */
                "application/json": components["schemas"]["SearchMemory"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "memories": [
                     *           {
                     *             "as_of": "2026-11-24T08:00:00Z",
                     *             "kind": "text",
                     *             "memory_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "similarity": 1,
                     *             "text": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Memories"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ai_list_recommendations: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "recommendations": [
                     *           {
                     *             "account": "text",
                     *             "action": "buy",
                     *             "approved_by": "text",
                     *             "as_of": "2026-11-24T08:00:00Z",
                     *             "created_at": "2026-11-24T08:00:00Z",
                     *             "evidence": {
                     *               "name": 1
                     *             },
                     *             "expected_edge_bps": 1,
                     *             "features": {
                     *               "name": 1
                     *             },
                     *             "instrument": "text",
                     *             "model": "text",
                     *             "model_version": 1,
                     *             "quantity": "1.5",
                     *             "reasons": [
                     *               {
                     *                 "contribution": 1,
                     *                 "signal": "text",
                     *                 "value": 1,
                     *                 "weight": 1,
                     *                 "words": "text"
                     *               }
                     *             ],
                     *             "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "reference_price": "1.5",
                     *             "score": 1,
                     *             "similar": [
                     *               {
                     *                 "name": "text"
                     *               }
                     *             ],
                     *             "state": "approved",
                     *             "weights_version": 1
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Recommendations"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ai_recommend: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "instrument": "SOL-USDC"
                 *     }
                 */
                "application/json": components["schemas"]["Recommend"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "action": "buy",
                     *         "approved_by": "text",
                     *         "as_of": "2026-11-24T08:00:00Z",
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "evidence": {
                     *           "name": 1
                     *         },
                     *         "expected_edge_bps": 1,
                     *         "features": {
                     *           "name": 1
                     *         },
                     *         "instrument": "text",
                     *         "model": "text",
                     *         "model_version": 1,
                     *         "quantity": "1.5",
                     *         "reasons": [
                     *           {
                     *             "contribution": 1,
                     *             "signal": "text",
                     *             "value": 1,
                     *             "weight": 1,
                     *             "words": "text"
                     *           }
                     *         ],
                     *         "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "reference_price": "1.5",
                     *         "score": 1,
                     *         "similar": [
                     *           {
                     *             "name": "text"
                     *           }
                     *         ],
                     *         "state": "approved",
                     *         "weights_version": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Recommendation"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    ai_get_recommendation: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                recommendation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "action": "buy",
                     *         "approved_by": "text",
                     *         "as_of": "2026-11-24T08:00:00Z",
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "evidence": {
                     *           "name": 1
                     *         },
                     *         "expected_edge_bps": 1,
                     *         "features": {
                     *           "name": 1
                     *         },
                     *         "instrument": "text",
                     *         "model": "text",
                     *         "model_version": 1,
                     *         "quantity": "1.5",
                     *         "reasons": [
                     *           {
                     *             "contribution": 1,
                     *             "signal": "text",
                     *             "value": 1,
                     *             "weight": 1,
                     *             "words": "text"
                     *           }
                     *         ],
                     *         "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "reference_price": "1.5",
                     *         "score": 1,
                     *         "similar": [
                     *           {
                     *             "name": "text"
                     *           }
                     *         ],
                     *         "state": "approved",
                     *         "weights_version": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Recommendation"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ai_approve: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                recommendation_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "action": "buy",
                     *         "approved_by": "text",
                     *         "as_of": "2026-11-24T08:00:00Z",
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "evidence": {
                     *           "name": 1
                     *         },
                     *         "expected_edge_bps": 1,
                     *         "features": {
                     *           "name": 1
                     *         },
                     *         "instrument": "text",
                     *         "model": "text",
                     *         "model_version": 1,
                     *         "quantity": "1.5",
                     *         "reasons": [
                     *           {
                     *             "contribution": 1,
                     *             "signal": "text",
                     *             "value": 1,
                     *             "weight": 1,
                     *             "words": "text"
                     *           }
                     *         ],
                     *         "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "reference_price": "1.5",
                     *         "score": 1,
                     *         "similar": [
                     *           {
                     *             "name": "text"
                     *           }
                     *         ],
                     *         "state": "approved",
                     *         "weights_version": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Recommendation"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    analytics_get_candles: {
        parameters: {
            query?: {
                /** @example 1 */
                interval_s?: number;
                /** @example 1 */
                limit?: number;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /**
                 * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
                 * @example SOL-USDC
                 */
                instrument: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "candles": [
                     *           {
                     *             "close": "1.5",
                     *             "high": "1.5",
                     *             "low": "1.5",
                     *             "open": "1.5",
                     *             "opened_at": "2026-11-24T08:00:00Z",
                     *             "trades": 1,
                     *             "volume": "1.5"
                     *           }
                     *         ],
                     *         "instrument": "text",
                     *         "interval_s": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Candles"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    analytics_get_markouts: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                execution_id?: string;
                /** @example SOL-USDC */
                instrument?: string;
                /** @example 1 */
                limit?: number;
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                order_id?: string;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "fills": [
                     *           {
                     *             "execution_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "fill_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "filled_at": "2026-11-24T08:00:00Z",
                     *             "instrument": "text",
                     *             "markout_10s_bps": 1,
                     *             "markout_1s_bps": 1,
                     *             "markout_60s_bps": 1,
                     *             "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "price": "1.5",
                     *             "quantity": "1.5",
                     *             "side": "text"
                     *           }
                     *         ],
                     *         "totals": {
                     *           "after_10s": {
                     *             "fills": 1,
                     *             "markout_bps": 1
                     *           },
                     *           "after_1s": {
                     *             "fills": 1,
                     *             "markout_bps": 1
                     *           },
                     *           "after_60s": {
                     *             "fills": 1,
                     *             "markout_bps": 1
                     *           }
                     *         }
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Markouts"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    analytics_measure_returns: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "periods_per_year": 1
                 *     }
                 */
                "application/json": components["schemas"]["MeasureReturns"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "drawdowns": [
                     *           {
                     *             "depth": 1,
                     *             "peak": 1,
                     *             "recovered": 1,
                     *             "trough": 1
                     *           }
                     *         ],
                     *         "figures": [
                     *           {
                     *             "method": "text",
                     *             "name": "text",
                     *             "source": "text",
                     *             "unit": "text",
                     *             "value": 1
                     *           }
                     *         ],
                     *         "months": [
                     *           {
                     *             "month": 1,
                     *             "value": 1,
                     *             "year": 1
                     *           }
                     *         ],
                     *         "observations": 1,
                     *         "periods_per_year": 1,
                     *         "risk_free": 1,
                     *         "rolling": [
                     *           {
                     *             "ends": [
                     *               1
                     *             ],
                     *             "name": "text",
                     *             "unit": "text",
                     *             "values": [
                     *               1
                     *             ],
                     *             "window": 1
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ReturnsMeasured"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    analytics_assess_overfitting: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "trials": [
                 *         [
                 *           1
                 *         ],
                 *         [
                 *           1
                 *         ]
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["AssessOverfitting"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "best": 1,
                     *         "block_periods": 1,
                     *         "blocks": 1,
                     *         "figures": [
                     *           {
                     *             "method": "text",
                     *             "name": "text",
                     *             "source": "text",
                     *             "unit": "text",
                     *             "value": 1
                     *           }
                     *         ],
                     *         "periods": 1,
                     *         "resamples": 1,
                     *         "trials": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["OverfittingAssessed"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    analytics_get_performance: {
        parameters: {
            query?: {
                /** @example  */
                metrics?: string;
                /** @example 2 */
                points_max?: number;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "asset": "text",
                     *         "equity_curve": [
                     *           {
                     *             "at": "2026-11-24T08:00:00Z",
                     *             "equity": "1.5"
                     *           }
                     *         ],
                     *         "fees": "1.5",
                     *         "figures": [
                     *           {
                     *             "method": "text",
                     *             "name": "text",
                     *             "source": "text",
                     *             "unit": "text",
                     *             "value": 1
                     *           }
                     *         ],
                     *         "max_drawdown": 1,
                     *         "methods": {
                     *           "name": "text"
                     *         },
                     *         "points": 1,
                     *         "sharpe": 1,
                     *         "slippage_bps": 1,
                     *         "total_return": 1,
                     *         "trades": 1,
                     *         "volatility_annualised": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Performance"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    analytics_measure_shortfall: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "decision_price": "1.5",
                 *       "quantity": "1.5",
                 *       "side": "buy"
                 *     }
                 */
                "application/json": components["schemas"]["MeasureShortfall"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "average_price": "1.5",
                     *         "delay": "1.5",
                     *         "fees": "1.5",
                     *         "filled": "1.5",
                     *         "impact": "1.5",
                     *         "opportunity": "1.5",
                     *         "total": "1.5",
                     *         "total_bps": 1,
                     *         "unfilled": "1.5"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ImplementationShortfall"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    cache_stats: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "engine": "text",
                     *         "entries": 1,
                     *         "entries_max": 1,
                     *         "hits": 1,
                     *         "misses": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CacheStats"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    chain_get_account: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example 11111111111111111111111111111111 */
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "address": "text",
                     *         "data_bytes": 1,
                     *         "lamports": 1,
                     *         "owner": "text",
                     *         "token": {
                     *           "name": "text"
                     *         }
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ChainAccount"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    chain_get_balances: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "lamports": 1,
                     *         "tokens": {
                     *           "name": "1.5"
                     *         },
                     *         "wallet": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Balances"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    chain_status: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "embedded": true,
                     *         "endpoint": "text",
                     *         "slot": 1,
                     *         "transactions": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ChainStatus"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    chain_list_transactions: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                order_id?: string;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "transactions": [
                     *           {
                     *             "block_time": "2026-11-24T08:00:00Z",
                     *             "compute_units": 1,
                     *             "error": "text",
                     *             "fee_lamports": 1,
                     *             "logs": [
                     *               "text"
                     *             ],
                     *             "memo": "text",
                     *             "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "purpose": "text",
                     *             "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "signature": "text",
                     *             "slot": 1,
                     *             "status": "text",
                     *             "transfers": [
                     *               {
                     *                 "name": "text"
                     *               }
                     *             ]
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Transactions"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    chain_get_transaction: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example 1111111111111111111111111111111111111111111111111111111111111111 */
                signature: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "block_time": "2026-11-24T08:00:00Z",
                     *         "compute_units": 1,
                     *         "error": "text",
                     *         "fee_lamports": 1,
                     *         "logs": [
                     *           "text"
                     *         ],
                     *         "memo": "text",
                     *         "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "purpose": "text",
                     *         "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "signature": "text",
                     *         "slot": 1,
                     *         "status": "text",
                     *         "transfers": [
                     *           {
                     *             "name": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Transaction"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    database_health: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "commits": 1,
                     *         "engine": "text",
                     *         "ok": true,
                     *         "statements": 1,
                     *         "writes_queued": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["DatabaseHealth"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    events_stats: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "topics": [
                     *           {
                     *             "last_sequence": 1,
                     *             "subscribers": 1,
                     *             "topic": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["EventStats"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    flows_tell: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                order_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "sections": [
                     *           {
                     *             "facts": [
                     *               [
                     *                 "text",
                     *                 "text"
                     *               ]
                     *             ],
                     *             "title": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Story"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    identity_list_api_keys: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "keys": [
                     *           {
                     *             "addresses": [
                     *               "text"
                     *             ],
                     *             "created_at": "2026-11-24T08:00:00Z",
                     *             "expires_at": "2026-11-24T08:00:00Z",
                     *             "key_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "name": "text",
                     *             "scopes": [
                     *               "text"
                     *             ]
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ApiKeys"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    identity_create_api_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "desk robot",
                 *       "scopes": [
                 *         "trading.read"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["CreateApiKey"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "key": {
                     *           "addresses": [
                     *             "text"
                     *           ],
                     *           "created_at": "2026-11-24T08:00:00Z",
                     *           "expires_at": "2026-11-24T08:00:00Z",
                     *           "key_id": "01912f4e-7a00-7000-8000-000000000001",
                     *           "name": "text",
                     *           "scopes": [
                     *             "text"
                     *           ]
                     *         },
                     *         "secret": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ApiKeyCreated"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_revoke_api_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "removed": true
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Removed"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_jwks: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "keys": [
                     *           {
                     *             "alg": "text",
                     *             "crv": "text",
                     *             "kid": "text",
                     *             "kty": "text",
                     *             "use": "text",
                     *             "x": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Jwks"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    identity_rotate_key: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["RotateKey"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "keys": [
                     *           {
                     *             "alg": "text",
                     *             "crv": "text",
                     *             "kid": "text",
                     *             "kty": "text",
                     *             "use": "text",
                     *             "x": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Jwks"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_me: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "permissions": [
                     *           "text"
                     *         ],
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "username": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Me"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    identity_register_passkey: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "attestation_object": "AAAA",
                 *       "client_data_json": "AAAA",
                 *       "credential_id": "AAAA",
                 *       "name": "laptop"
                 *     }
                 */
                "application/json": components["schemas"]["RegisterPasskey"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "name": "text",
                     *         "passkey_id": "01912f4e-7a00-7000-8000-000000000001"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Passkey"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_remove_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                passkey_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "removed": true
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Removed"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_create_passkey_challenge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["CreatePasskeyChallenge"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "allowCredentials": [
                     *           {
                     *             "id": "text"
                     *           }
                     *         ],
                     *         "challenge": "text",
                     *         "rpId": "text",
                     *         "timeout": 1,
                     *         "userVerification": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PasskeyRequest"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_create_passkey_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["CreatePasskeyOptions"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "attestation": "text",
                     *         "authenticatorSelection": {
                     *           "residentKey": "text",
                     *           "userVerification": "text"
                     *         },
                     *         "challenge": "text",
                     *         "excludeCredentials": [
                     *           {
                     *             "id": "text"
                     *           }
                     *         ],
                     *         "pubKeyCredParams": [
                     *           {
                     *             "alg": 1
                     *           }
                     *         ],
                     *         "rp": {
                     *           "id": "text",
                     *           "name": "text"
                     *         },
                     *         "timeout": 1,
                     *         "user": {
                     *           "displayName": "text",
                     *           "id": "text",
                     *           "name": "text"
                     *         }
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PasskeyCreation"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_create_passkey_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "authenticator_data": "AAAA",
                 *       "client_data_json": "AAAA",
                 *       "credential_id": "AAAA",
                 *       "signature": "AAAA"
                 *     }
                 */
                "application/json": components["schemas"]["CreatePasskeySession"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "access_token": "text",
                     *         "expires_at": "2026-11-24T08:00:00Z",
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "token_type": "text",
                     *         "username": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Session"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_get_second_factors: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "passkeys": [
                     *           {
                     *             "created_at": "2026-11-24T08:00:00Z",
                     *             "name": "text",
                     *             "passkey_id": "01912f4e-7a00-7000-8000-000000000001"
                     *           }
                     *         ],
                     *         "totp_since": "2026-11-24T08:00:00Z"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["SecondFactors"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    identity_create_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "password": "text",
                 *       "username": "text"
                 *     }
                 */
                "application/json": components["schemas"]["CreateSession"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "access_token": "text",
                     *         "expires_at": "2026-11-24T08:00:00Z",
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "token_type": "text",
                     *         "username": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Session"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_end_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "ended": true
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Ended"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_refresh_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "refresh_token": "text"
                 *     }
                 */
                "application/json": components["schemas"]["RefreshSession"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "access_token": "text",
                     *         "expires_at": "2026-11-24T08:00:00Z",
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "token_type": "text",
                     *         "username": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Session"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_create_step_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["CreateStepUp"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "access_token": "text",
                     *         "expires_at": "2026-11-24T08:00:00Z",
                     *         "stepped_up_at": "2026-11-24T08:00:00Z",
                     *         "token_type": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["SteppedUp"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_create_step_up_challenge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["CreateStepUpChallenge"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "allowCredentials": [
                     *           {
                     *             "id": "text"
                     *           }
                     *         ],
                     *         "challenge": "text",
                     *         "rpId": "text",
                     *         "timeout": 1,
                     *         "userVerification": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PasskeyRequest"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_create_ticket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["CreateTicket"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "expires_at": "2026-11-24T08:00:00Z",
                     *         "ticket": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Ticket"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_enrol_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["EnrolTotp"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "secret": "text",
                     *         "uri": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["TotpEnrolment"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_disable_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "removed": true
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Removed"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_confirm_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "123456"
                 *     }
                 */
                "application/json": components["schemas"]["ConfirmTotp"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "passkeys": [
                     *           {
                     *             "created_at": "2026-11-24T08:00:00Z",
                     *             "name": "text",
                     *             "passkey_id": "01912f4e-7a00-7000-8000-000000000001"
                     *           }
                     *         ],
                     *         "totp_since": "2026-11-24T08:00:00Z"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["SecondFactors"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_list_users: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example a */
                role?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "users": [
                     *           {
                     *             "created_at": "2026-11-24T08:00:00Z",
                     *             "roles": [
                     *               "text"
                     *             ],
                     *             "user_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "username": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Users"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    identity_create_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "password": "textxxxx",
                 *       "roles": [
                 *         "text"
                 *       ],
                 *       "username": "admin"
                 *     }
                 */
                "application/json": components["schemas"]["CreateUser"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "user_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "username": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["User"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_list_wallets: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "wallets": [
                     *           {
                     *             "address": "text",
                     *             "linked_at": "2026-11-24T08:00:00Z"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Wallets"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    identity_link_wallet: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv",
                 *       "nonce": "text",
                 *       "signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
                 *       "signed_message": "AAAA"
                 *     }
                 */
                "application/json": components["schemas"]["LinkWallet"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "address": "text",
                     *         "linked_at": "2026-11-24T08:00:00Z"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Wallet"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_remove_wallet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv */
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "removed": true
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Removed"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_create_wallet_challenge: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv"
                 *     }
                 */
                "application/json": components["schemas"]["CreateWalletChallenge"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "expires_at": "2026-11-24T08:00:00Z",
                     *         "nonce": "text",
                     *         "text": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["WalletChallenge"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    identity_create_wallet_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv",
                 *       "nonce": "text",
                 *       "signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
                 *       "signed_message": "AAAA"
                 *     }
                 */
                "application/json": components["schemas"]["CreateWalletSession"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "access_token": "text",
                     *         "expires_at": "2026-11-24T08:00:00Z",
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "token_type": "text",
                     *         "username": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Session"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    ingestion_get_book: {
        parameters: {
            query?: {
                /** @example 1 */
                levels_max?: number;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /**
                 * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
                 * @example SOL-USDC
                 */
                instrument: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "asks": [
                     *           {
                     *             "price": "1.5",
                     *             "size": "1.5"
                     *           }
                     *         ],
                     *         "bids": [
                     *           {
                     *             "price": "1.5",
                     *             "size": "1.5"
                     *           }
                     *         ],
                     *         "instrument": "text",
                     *         "received_at": "2026-11-24T08:00:00Z",
                     *         "sequence": 1,
                     *         "venue": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Book"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ingestion_list_quarantine: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example text */
                reason?: string;
                /** @example 1 */
                rows_max?: number;
                /** @example text */
                source?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "rows": [
                     *           {
                     *             "detail": "text",
                     *             "frame": "text",
                     *             "reason": "text",
                     *             "received_at": "2026-11-24T08:00:00Z",
                     *             "source": "text"
                     *           }
                     *         ],
                     *         "total": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Quarantine"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ingestion_get_quote: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /**
                 * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
                 * @example SOL-USDC
                 */
                instrument: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "ask": "1.5",
                     *         "ask_size": "1.5",
                     *         "bid": "1.5",
                     *         "bid_size": "1.5",
                     *         "event_time": "2026-11-24T08:00:00Z",
                     *         "instrument": "text",
                     *         "received_at": "2026-11-24T08:00:00Z",
                     *         "sequence": 1,
                     *         "venue": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Quote"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ingestion_watch_quotes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
                 * @example SOL-USDC
                 */
                instrument: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `data` is one reply as JSON, `id` its sequence. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 1
                     *     data: {"ask":"1.5","ask_size":"1.5","bid":"1.5","bid_size":"1.5","event_time":"2026-11-24T08:00:00Z","instrument":"text","received_at":"2026-11-24T08:00:00Z","sequence":1,"venue":"text"}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ingestion_get_quote_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         {
                 *           "instrument": "SOL-USDC"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["GetQuoteBatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "items": [
                     *           {
                     *             "data": {
                     *               "ask": "1.5",
                     *               "ask_size": "1.5",
                     *               "bid": "1.5",
                     *               "bid_size": "1.5",
                     *               "event_time": "2026-11-24T08:00:00Z",
                     *               "instrument": "text",
                     *               "received_at": "2026-11-24T08:00:00Z",
                     *               "sequence": 1,
                     *               "venue": "text"
                     *             },
                     *             "problem": {
                     *               "advice": "text",
                     *               "code": "text",
                     *               "detail": "text",
                     *               "details": {
                     *                 "name": "text"
                     *               },
                     *               "status": 1,
                     *               "where": "text"
                     *             }
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["GetQuoteOutcomes"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ingestion_list_sources: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "sources": [
                     *           {
                     *             "connected": true,
                     *             "crossed_books": 1,
                     *             "frames": 1,
                     *             "instruments": [
                     *               "text"
                     *             ],
                     *             "kind": "text",
                     *             "last_received_at": "2026-11-24T08:00:00Z",
                     *             "level_changes": 1,
                     *             "quarantined": 1,
                     *             "quotes": 1,
                     *             "reconnects": 1,
                     *             "sequence_gaps": 1,
                     *             "source": "text",
                     *             "trades": 1
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Sources"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ml_list_models: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "models": [
                     *           {
                     *             "card": {
                     *               "name": "text"
                     *             },
                     *             "digest": "text",
                     *             "inputs": 1,
                     *             "name": "text",
                     *             "outputs": [
                     *               "text"
                     *             ],
                     *             "version": 1
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Models"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    ml_infer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example a */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "rows": [
                 *         [
                 *           1
                 *         ]
                 *       ]
                 *     }
                 */
                "application/json": {
                    rows: number[][];
                    /** @default null */
                    version?: number | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "name": "text",
                     *         "outputs": [
                     *           [
                     *             1
                     *           ]
                     *         ],
                     *         "version": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Inferred"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    operations_search_audit: {
        parameters: {
            query?: {
                /** @example 1 */
                before?: number;
                /** @example text */
                caller?: string;
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example text */
                operation?: string;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example text */
                trace_id?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "entries": [
                     *           {
                     *             "account": "text",
                     *             "at": "2026-11-24T08:00:00Z",
                     *             "caller": "text",
                     *             "operation": "text",
                     *             "outcome": "text",
                     *             "phase": "text",
                     *             "request_digest": "text",
                     *             "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "sequence": 1
                     *           }
                     *         ],
                     *         "next_before": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["AuditPage"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    operations_get_checkpoint: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "at": "2026-11-24T08:00:00Z",
                     *         "line": "text",
                     *         "public_key": "text",
                     *         "root": "text",
                     *         "size": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["SignedCheckpoint"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    operations_summary: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "departments": [
                     *           {
                     *             "calls": 1,
                     *             "calls_per_s": 1,
                     *             "error_rate": 1,
                     *             "errors": 1,
                     *             "gateway": "text",
                     *             "in_flight": 1,
                     *             "operations": [
                     *               {
                     *                 "calls": 1,
                     *                 "error_rate": 1,
                     *                 "errors": {
                     *                   "name": 1
                     *                 },
                     *                 "in_flight": 1,
                     *                 "operation": "text",
                     *                 "p50_ms": 1,
                     *                 "p95_ms": 1,
                     *                 "p99_ms": 1
                     *               }
                     *             ],
                     *             "p50_ms": 1,
                     *             "p95_ms": 1,
                     *             "p99_ms": 1
                     *           }
                     *         ],
                     *         "up_s": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Summary"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    oracle_submit_account: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "textxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                 *       "data_base64": "textxxxx",
                 *       "owner": "textxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                 *     }
                 */
                "application/json": components["schemas"]["SubmitAccount"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "confidence": "1.5",
                     *         "newer": true,
                     *         "price": "1.5",
                     *         "published_at": "2026-11-24T08:00:00Z",
                     *         "source": "text",
                     *         "symbol": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["AccountAccepted"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    oracle_get_price: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /**
                 * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
                 * @example SOL-USDC
                 */
                symbol: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "age_ms": 1,
                     *         "confidence": "1.5",
                     *         "local": true,
                     *         "price": "1.5",
                     *         "published_at": "2026-11-24T08:00:00Z",
                     *         "sources": [
                     *           {
                     *             "age_ms": 1,
                     *             "confidence": "1.5",
                     *             "price": "1.5",
                     *             "provenance": "text",
                     *             "published_at": "2026-11-24T08:00:00Z",
                     *             "source": "text",
                     *             "status": "text",
                     *             "weight": "1.5"
                     *           }
                     *         ],
                     *         "symbol": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["OraclePrice"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    oracle_list_prices: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /**
                 * @description Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".
                 * @example SOL-USDC
                 */
                symbol: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "points": [
                     *           {
                     *             "at": "2026-11-24T08:00:00Z",
                     *             "confidence": "1.5",
                     *             "price": "1.5",
                     *             "sources": 1
                     *           }
                     *         ],
                     *         "symbol": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PriceHistory"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    oracle_get_price_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         {
                 *           "symbol": "SOL-USDC"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["GetPriceBatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "items": [
                     *           {
                     *             "data": {
                     *               "age_ms": 1,
                     *               "confidence": "1.5",
                     *               "local": true,
                     *               "price": "1.5",
                     *               "published_at": "2026-11-24T08:00:00Z",
                     *               "sources": [
                     *                 {
                     *                   "age_ms": 1,
                     *                   "confidence": "1.5",
                     *                   "price": "1.5",
                     *                   "provenance": "text",
                     *                   "published_at": "2026-11-24T08:00:00Z",
                     *                   "source": "text",
                     *                   "status": "text",
                     *                   "weight": "1.5"
                     *                 }
                     *               ],
                     *               "symbol": "text"
                     *             },
                     *             "problem": {
                     *               "advice": "text",
                     *               "code": "text",
                     *               "detail": "text",
                     *               "details": {
                     *                 "name": "text"
                     *               },
                     *               "status": 1,
                     *               "where": "text"
                     *             }
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["GetPriceOutcomes"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    oracle_submit_update: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "update_base64": "textxxxx"
                 *     }
                 */
                "application/json": components["schemas"]["SubmitUpdate"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "feeds": 1,
                     *         "signatures": 1,
                     *         "signer_set": 1,
                     *         "slot": 1,
                     *         "symbols": [
                     *           "text"
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["UpdateAccepted"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    queue_list_queues: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "queues": [
                     *           {
                     *             "dead": 1,
                     *             "leased": 1,
                     *             "queue": "text",
                     *             "waiting": 1
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Queues"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    queue_list_dead: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example a */
                queue: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "tasks": [
                     *           {
                     *             "attempts": 1,
                     *             "died_at": "2026-11-24T08:00:00Z",
                     *             "reason": "text",
                     *             "task_id": "01912f4e-7a00-7000-8000-000000000001"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["DeadTasks"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_list_strategies: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "strategies": [
                     *           {
                     *             "newest_version": "text",
                     *             "registered_at": "2026-11-24T08:00:00Z",
                     *             "strategy": "text",
                     *             "summary": "text",
                     *             "versions": 1
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["StrategyList"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_register_strategy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "file": "ema_cross.py"
                 *     }
                 */
                "application/json": components["schemas"]["RegisterStrategy"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "file": "text",
                     *         "models": {
                     *           "name": "text"
                     *         },
                     *         "modes": [
                     *           "text"
                     *         ],
                     *         "parameters": [
                     *           {
                     *             "default": "text",
                     *             "name": "text",
                     *             "type": "text"
                     *           }
                     *         ],
                     *         "registered_at": "2026-11-24T08:00:00Z",
                     *         "strategy": "text",
                     *         "summary": "text",
                     *         "version": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["StrategyVersion"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    strategies_get_strategy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example ema-cross */
                strategy: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "gates": {},
                     *         "newest": {
                     *           "file": "text",
                     *           "models": {
                     *             "name": "text"
                     *           },
                     *           "modes": [
                     *             "text"
                     *           ],
                     *           "parameters": [
                     *             {
                     *               "default": "text",
                     *               "name": "text",
                     *               "type": "text"
                     *             }
                     *           ],
                     *           "registered_at": "2026-11-24T08:00:00Z",
                     *           "strategy": "text",
                     *           "summary": "text",
                     *           "version": "text"
                     *         },
                     *         "strategy": "text",
                     *         "versions": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["StrategyDetails"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_assess_promotion: {
        parameters: {
            query: {
                /** @example canary */
                to: "canary" | "live" | "paper";
                /** @example 0000000000000000000000000000000000000000000000000000000000000000 */
                version?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example ema-cross */
                strategy: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "checks": [
                     *           {
                     *             "check": "text",
                     *             "limit": "text",
                     *             "passed": true,
                     *             "value": "text"
                     *           }
                     *         ],
                     *         "measured_on": "01912f4e-7a00-7000-8000-000000000001",
                     *         "passed": true,
                     *         "strategy": "text",
                     *         "to": "canary",
                     *         "version": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PromotionAssessed"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_start_backtest: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example ema-cross */
                strategy: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "instruments": [
                 *         "SOL-USDC"
                 *       ],
                 *       "recordings": [
                 *         "btc.jsonl.gz"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @default null */
                    balance?: string | null;
                    /**
                     * @default 0
                     * @enum {unknown}
                     */
                    depth?: 0 | 1 | 2;
                    /** @default 0 */
                    entry_ns?: number;
                    /** @default null */
                    from?: string | null;
                    instruments: string[];
                    /** @default null */
                    maker_fee?: string | null;
                    /** @default null */
                    mode?: ("batch" | "callback" | "compiled") | null;
                    /** @default {} */
                    params?: {
                        [key: string]: string;
                    };
                    /**
                     * @default risk_averse
                     * @enum {unknown}
                     */
                    queue?: "log_prob" | "log_prob_2" | "none" | "power_prob" | "power_prob_2" | "power_prob_3" | "risk_averse";
                    recordings: string[];
                    /** @default 0 */
                    response_ns?: number;
                    /** @default null */
                    taker_fee?: string | null;
                    /** @default null */
                    to?: string | null;
                    /** @default null */
                    version?: string | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "backtest_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "done": 1,
                     *         "problem": "text",
                     *         "state": "cancelled",
                     *         "strategy": "text",
                     *         "total": 1,
                     *         "updated_at": "2026-11-24T08:00:00Z",
                     *         "version": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Backtest"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    strategies_get_deployment: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example ema-cross */
                strategy: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "change": "text",
                     *         "changed_at": "2026-11-24T08:00:00Z",
                     *         "runs": [
                     *           {
                     *             "balance": "1.5",
                     *             "deviation_bps": 1,
                     *             "drawdown": 1,
                     *             "equity": "1.5",
                     *             "instruments": [
                     *               "text"
                     *             ],
                     *             "params": {
                     *               "name": "text"
                     *             },
                     *             "run_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "share": 1,
                     *             "stage": "canary",
                     *             "started_at": "2026-11-24T08:00:00Z",
                     *             "total_return": 1,
                     *             "trading_account": "text",
                     *             "venue": "text",
                     *             "version": "text"
                     *           }
                     *         ],
                     *         "stage": "backtest",
                     *         "strategy": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Deployment"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_list_history: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example ema-cross */
                strategy: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "changes": [
                     *           {
                     *             "at": "2026-11-24T08:00:00Z",
                     *             "automatic": true,
                     *             "by": "text",
                     *             "change_id": 1,
                     *             "kind": "ended",
                     *             "reason": "text",
                     *             "run_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "stage": "canary",
                     *             "strategy": "text",
                     *             "version": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["History"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_list_decisions: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example ema-cross */
                strategy: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "decisions": [
                     *           {
                     *             "account": "text",
                     *             "checks": [
                     *               {
                     *                 "check": "text",
                     *                 "limit": "text",
                     *                 "passed": true,
                     *                 "value": "text"
                     *               }
                     *             ],
                     *             "decided_at": "2026-11-24T08:00:00Z",
                     *             "decided_by": "text",
                     *             "decision_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "measured_on": "01912f4e-7a00-7000-8000-000000000001",
                     *             "promoted": true,
                     *             "reason": "text",
                     *             "stage": "backtest",
                     *             "strategy": "text",
                     *             "to": "canary",
                     *             "version": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Decisions"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_promote: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example ema-cross */
                strategy: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "canary"
                 *     }
                 */
                "application/json": {
                    /** @default null */
                    balance?: string | null;
                    /** @default null */
                    instruments?: string[] | null;
                    /** @default {} */
                    params?: {
                        [key: string]: string;
                    };
                    /** @default null */
                    share?: number | null;
                    /** @enum {unknown} */
                    to: "canary" | "live" | "paper";
                    /** @default null */
                    version?: string | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "checks": [
                     *           {
                     *             "check": "text",
                     *             "limit": "text",
                     *             "passed": true,
                     *             "value": "text"
                     *           }
                     *         ],
                     *         "decided_at": "2026-11-24T08:00:00Z",
                     *         "decided_by": "text",
                     *         "decision_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "measured_on": "01912f4e-7a00-7000-8000-000000000001",
                     *         "promoted": true,
                     *         "reason": "text",
                     *         "stage": "backtest",
                     *         "strategy": "text",
                     *         "to": "canary",
                     *         "version": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Decision"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    strategies_roll_back: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example ema-cross */
                strategy: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "text",
                 *       "stage": "canary"
                 *     }
                 */
                "application/json": {
                    reason: string;
                    /** @enum {unknown} */
                    stage: "canary" | "live" | "paper";
                    /** @default false */
                    stop?: boolean;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "change": "text",
                     *         "changed_at": "2026-11-24T08:00:00Z",
                     *         "runs": [
                     *           {
                     *             "balance": "1.5",
                     *             "deviation_bps": 1,
                     *             "drawdown": 1,
                     *             "equity": "1.5",
                     *             "instruments": [
                     *               "text"
                     *             ],
                     *             "params": {
                     *               "name": "text"
                     *             },
                     *             "run_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "share": 1,
                     *             "stage": "canary",
                     *             "started_at": "2026-11-24T08:00:00Z",
                     *             "total_return": 1,
                     *             "trading_account": "text",
                     *             "venue": "text",
                     *             "version": "text"
                     *           }
                     *         ],
                     *         "stage": "backtest",
                     *         "strategy": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Deployment"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    strategies_list_versions: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example ema-cross */
                strategy: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "versions": [
                     *           {
                     *             "file": "text",
                     *             "models": {
                     *               "name": "text"
                     *             },
                     *             "modes": [
                     *               "text"
                     *             ],
                     *             "parameters": [
                     *               {
                     *                 "default": "text",
                     *                 "name": "text",
                     *                 "type": "text"
                     *               }
                     *             ],
                     *             "registered_at": "2026-11-24T08:00:00Z",
                     *             "strategy": "text",
                     *             "summary": "text",
                     *             "version": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["VersionList"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_get_version_source: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example ema-cross */
                strategy: string;
                /**
                 * @description SHA-256 of the source.
                 * @example 0000000000000000000000000000000000000000000000000000000000000000
                 */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "registered_by": "text",
                     *         "source": "text",
                     *         "strategy": "text",
                     *         "version": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["VersionSource"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_list_backtests: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example ema-cross */
                strategy?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "backtests": [
                     *           {
                     *             "backtest_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "created_at": "2026-11-24T08:00:00Z",
                     *             "done": 1,
                     *             "problem": "text",
                     *             "state": "cancelled",
                     *             "strategy": "text",
                     *             "total": 1,
                     *             "updated_at": "2026-11-24T08:00:00Z",
                     *             "version": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Backtests"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_get_backtest: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                backtest_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "backtest": {
                     *           "backtest_id": "01912f4e-7a00-7000-8000-000000000001",
                     *           "created_at": "2026-11-24T08:00:00Z",
                     *           "done": 1,
                     *           "problem": "text",
                     *           "state": "cancelled",
                     *           "strategy": "text",
                     *           "total": 1,
                     *           "updated_at": "2026-11-24T08:00:00Z",
                     *           "version": "text"
                     *         },
                     *         "result": {
                     *           "cash": "1.5",
                     *           "costs": {
                     *             "fees": "1.5",
                     *             "funding": "1.5",
                     *             "gross_pnl": "1.5",
                     *             "spread_making": "1.5",
                     *             "spread_taking": "1.5"
                     *           },
                     *           "curve": [
                     *             {
                     *               "at": "2026-11-24T08:00:00Z",
                     *               "drawdown": "1.5",
                     *               "equity": "1.5",
                     *               "exposure": "1.5"
                     *             }
                     *           ],
                     *           "digest": "text",
                     *           "equity": "1.5",
                     *           "exposure": {
                     *             "gross_max": 1,
                     *             "gross_mean": 1,
                     *             "net_mean": 1,
                     *             "time_in_market": 1,
                     *             "turnover": "1.5"
                     *           },
                     *           "fills": 1,
                     *           "market": {
                     *             "crossed": 1,
                     *             "events": 1,
                     *             "frames": 1,
                     *             "from": "2026-11-24T08:00:00Z",
                     *             "levels": 1,
                     *             "quarantined": 1,
                     *             "quotes": 1,
                     *             "refused": 1,
                     *             "sequence_gaps": 1,
                     *             "to": "2026-11-24T08:00:00Z",
                     *             "trades": 1
                     *           },
                     *           "max_drawdown": "1.5",
                     *           "metrics": [
                     *             {
                     *               "method": "text",
                     *               "name": "text",
                     *               "source": "text",
                     *               "unit": "text",
                     *               "value": 1
                     *             }
                     *           ],
                     *           "orders": {
                     *             "cancelled": 1,
                     *             "expired": 1,
                     *             "filled": 1,
                     *             "open": 1,
                     *             "overflows": 1,
                     *             "refused_requests": 1,
                     *             "rejected": 1,
                     *             "submitted": 1
                     *           },
                     *           "pnl": "1.5",
                     *           "positions": [
                     *             {
                     *               "instrument": "text",
                     *               "mark": "1.5",
                     *               "quantity": "1.5",
                     *               "value": "1.5"
                     *             }
                     *           ],
                     *           "settings": {
                     *             "feed": "text",
                     *             "instruments": [
                     *               "SOL-USDC"
                     *             ]
                     *           },
                     *           "step_s": 1,
                     *           "strategy": {
                     *             "mode": "batch",
                     *             "models": {
                     *               "name": "text"
                     *             },
                     *             "name": "text",
                     *             "params": {
                     *               "name": "text"
                     *             },
                     *             "version": "text"
                     *           },
                     *           "timing": {
                     *             "compile_s": 1,
                     *             "load_s": 1,
                     *             "run_ns_per_event": 1,
                     *             "run_s": 1
                     *           },
                     *           "warnings": [
                     *             "text"
                     *           ]
                     *         }
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BacktestDetails"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_cancel_backtest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                backtest_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "backtest_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "done": 1,
                     *         "problem": "text",
                     *         "state": "cancelled",
                     *         "strategy": "text",
                     *         "total": 1,
                     *         "updated_at": "2026-11-24T08:00:00Z",
                     *         "version": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Backtest"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    strategies_list_deployments: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "deployments": [
                     *           {
                     *             "account": "text",
                     *             "change": "text",
                     *             "changed_at": "2026-11-24T08:00:00Z",
                     *             "runs": [
                     *               {
                     *                 "balance": "1.5",
                     *                 "deviation_bps": 1,
                     *                 "drawdown": 1,
                     *                 "equity": "1.5",
                     *                 "instruments": [
                     *                   "text"
                     *                 ],
                     *                 "params": {
                     *                   "name": "text"
                     *                 },
                     *                 "run_id": "01912f4e-7a00-7000-8000-000000000001",
                     *                 "share": 1,
                     *                 "stage": "canary",
                     *                 "started_at": "2026-11-24T08:00:00Z",
                     *                 "total_return": 1,
                     *                 "trading_account": "text",
                     *                 "venue": "text",
                     *                 "version": "text"
                     *               }
                     *             ],
                     *             "stage": "backtest",
                     *             "strategy": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Deployments"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    strategies_watch_deployments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `data` is one reply as JSON, `id` its sequence. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 1
                     *     data: {"account":"text","change":"text","changed_at":"2026-11-24T08:00:00Z","runs":[{"balance":"1.5","deviation_bps":1,"drawdown":1,"equity":"1.5","instruments":["text"],"params":{"name":"text"},"run_id":"01912f4e-7a00-7000-8000-000000000001","share":1,"stage":"canary","started_at":"2026-11-24T08:00:00Z","total_return":1,"trading_account":"text","venue":"text","version":"text"}],"stage":"backtest","strategy":"text"}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    stream_list_topics: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "topics": [
                     *           {
                     *             "end_offset": 1,
                     *             "groups": [
                     *               {
                     *                 "committed_offset": 1,
                     *                 "group": "text",
                     *                 "lag": 1
                     *               }
                     *             ],
                     *             "partition": 1,
                     *             "topic": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Topics"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_list_executions: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example SOL-USDC */
                instrument?: string;
                /** @example 1 */
                limit?: number;
                /** @example buy */
                side?: "buy" | "sell";
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example cancelled */
                state?: "cancelled" | "completed" | "failed" | "paused" | "running" | "scheduled";
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "executions": [
                     *           {
                     *             "account": "text",
                     *             "algorithm": "almgren_chriss",
                     *             "arrival_price": "1.5",
                     *             "average_price": "1.5",
                     *             "begun_by": "text",
                     *             "children": 1,
                     *             "created_at": "2026-11-24T08:00:00Z",
                     *             "decision_price": "1.5",
                     *             "end_at": "2026-11-24T08:00:00Z",
                     *             "ended_at": "2026-11-24T08:00:00Z",
                     *             "execution_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "fees": "1.5",
                     *             "filled_quantity": "1.5",
                     *             "instrument": "text",
                     *             "last_price": "1.5",
                     *             "limit_price": "1.5",
                     *             "open_quantity": "1.5",
                     *             "quantity": "1.5",
                     *             "reason": "text",
                     *             "side": "buy",
                     *             "slice_order": "market",
                     *             "start_at": "2026-11-24T08:00:00Z",
                     *             "state": "cancelled",
                     *             "updated_at": "2026-11-24T08:00:00Z"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Executions"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_begin_execution: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "algorithm": "almgren_chriss",
                 *       "execution_id": "01912f4e-7a00-7000-8000-000000000001",
                 *       "instrument": "SOL-USDC",
                 *       "quantity": "1.5",
                 *       "side": "buy"
                 *     }
                 */
                "application/json": components["schemas"]["BeginExecution"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "algorithm": "almgren_chriss",
                     *         "arrival_price": "1.5",
                     *         "average_price": "1.5",
                     *         "begun_by": "text",
                     *         "children": 1,
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "decision_price": "1.5",
                     *         "end_at": "2026-11-24T08:00:00Z",
                     *         "ended_at": "2026-11-24T08:00:00Z",
                     *         "execution_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "fees": "1.5",
                     *         "filled_quantity": "1.5",
                     *         "instrument": "text",
                     *         "last_price": "1.5",
                     *         "limit_price": "1.5",
                     *         "open_quantity": "1.5",
                     *         "quantity": "1.5",
                     *         "reason": "text",
                     *         "side": "buy",
                     *         "slice_order": "market",
                     *         "start_at": "2026-11-24T08:00:00Z",
                     *         "state": "cancelled",
                     *         "updated_at": "2026-11-24T08:00:00Z"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Execution"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_get_execution: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "benchmark": {
                     *           "market_volume": "1.5",
                     *           "participation_bps": 1,
                     *           "twap_price": "1.5",
                     *           "twap_slippage_bps": 1,
                     *           "vwap_price": "1.5",
                     *           "vwap_slippage_bps": 1,
                     *           "watched_s": 1
                     *         },
                     *         "execution": {
                     *           "account": "text",
                     *           "algorithm": "almgren_chriss",
                     *           "arrival_price": "1.5",
                     *           "average_price": "1.5",
                     *           "begun_by": "text",
                     *           "children": 1,
                     *           "created_at": "2026-11-24T08:00:00Z",
                     *           "decision_price": "1.5",
                     *           "end_at": "2026-11-24T08:00:00Z",
                     *           "ended_at": "2026-11-24T08:00:00Z",
                     *           "execution_id": "01912f4e-7a00-7000-8000-000000000001",
                     *           "fees": "1.5",
                     *           "filled_quantity": "1.5",
                     *           "instrument": "text",
                     *           "last_price": "1.5",
                     *           "limit_price": "1.5",
                     *           "open_quantity": "1.5",
                     *           "quantity": "1.5",
                     *           "reason": "text",
                     *           "side": "buy",
                     *           "slice_order": "market",
                     *           "start_at": "2026-11-24T08:00:00Z",
                     *           "state": "cancelled",
                     *           "updated_at": "2026-11-24T08:00:00Z"
                     *         },
                     *         "shortfall": {
                     *           "average_price": "1.5",
                     *           "delay": "1.5",
                     *           "fees": "1.5",
                     *           "filled": "1.5",
                     *           "impact": "1.5",
                     *           "opportunity": "1.5",
                     *           "total": "1.5",
                     *           "total_bps": 1,
                     *           "unfilled": "1.5"
                     *         },
                     *         "slices": [
                     *           {
                     *             "average_price": "1.5",
                     *             "due_at": "2026-11-24T08:00:00Z",
                     *             "fees": "1.5",
                     *             "filled": "1.5",
                     *             "order_ids": [
                     *               "01912f4e-7a00-7000-8000-000000000001"
                     *             ],
                     *             "planned": "1.5",
                     *             "reason": "text",
                     *             "slice": 1
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ExecutionReport"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_cancel_execution: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "algorithm": "almgren_chriss",
                     *         "arrival_price": "1.5",
                     *         "average_price": "1.5",
                     *         "begun_by": "text",
                     *         "children": 1,
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "decision_price": "1.5",
                     *         "end_at": "2026-11-24T08:00:00Z",
                     *         "ended_at": "2026-11-24T08:00:00Z",
                     *         "execution_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "fees": "1.5",
                     *         "filled_quantity": "1.5",
                     *         "instrument": "text",
                     *         "last_price": "1.5",
                     *         "limit_price": "1.5",
                     *         "open_quantity": "1.5",
                     *         "quantity": "1.5",
                     *         "reason": "text",
                     *         "side": "buy",
                     *         "slice_order": "market",
                     *         "start_at": "2026-11-24T08:00:00Z",
                     *         "state": "cancelled",
                     *         "updated_at": "2026-11-24T08:00:00Z"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Execution"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_watch_executions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `data` is one reply as JSON, `id` its sequence. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 1
                     *     data: {"account":"text","algorithm":"almgren_chriss","arrival_price":"1.5","average_price":"1.5","begun_by":"text","children":1,"created_at":"2026-11-24T08:00:00Z","decision_price":"1.5","end_at":"2026-11-24T08:00:00Z","ended_at":"2026-11-24T08:00:00Z","execution_id":"01912f4e-7a00-7000-8000-000000000001","fees":"1.5","filled_quantity":"1.5","instrument":"text","last_price":"1.5","limit_price":"1.5","open_quantity":"1.5","quantity":"1.5","reason":"text","side":"buy","slice_order":"market","start_at":"2026-11-24T08:00:00Z","state":"cancelled","updated_at":"2026-11-24T08:00:00Z"}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_list_fills: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example SOL-USDC */
                instrument?: string;
                /** @example 1 */
                limit?: number;
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                order_id?: string;
                /** @example buy */
                side?: "buy" | "sell";
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "fills": [
                     *           {
                     *             "account": "text",
                     *             "fee": "1.5",
                     *             "fee_asset": "text",
                     *             "fill_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "filled_at": "2026-11-24T08:00:00Z",
                     *             "instrument": "text",
                     *             "liquidity": "maker",
                     *             "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "price": "1.5",
                     *             "quantity": "1.5",
                     *             "side": "buy",
                     *             "venue": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Fills"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_get_ledger: {
        parameters: {
            query?: {
                /** @example text */
                asset?: string;
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                order_id?: string;
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "balanced": true,
                     *         "entries": [
                     *           {
                     *             "account": "text",
                     *             "amount": "1.5",
                     *             "asset": "text",
                     *             "entry_id": 1,
                     *             "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "posted_at": "2026-11-24T08:00:00Z",
                     *             "posting_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "reason": "text"
                     *           }
                     *         ],
                     *         "entries_total": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Ledger"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_list_orders: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example SOL-USDC */
                instrument?: string;
                /** @example 1 */
                limit?: number;
                /** @example buy */
                side?: "buy" | "sell";
                /** @example 2026-11-24T08:00:00Z */
                since?: string;
                /** @example accepted */
                state?: "accepted" | "cancelled" | "expired" | "filled" | "held" | "partially_filled" | "rejected" | "submitted" | "triggered" | "unknown" | "waiting";
                /** @example 2026-11-24T08:00:00Z */
                until?: string;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "orders": [
                     *           {
                     *             "account": "text",
                     *             "arrival_price": "1.5",
                     *             "average_price": "1.5",
                     *             "created_at": "2026-11-24T08:00:00Z",
                     *             "fees": "1.5",
                     *             "filled_quantity": "1.5",
                     *             "instrument": "text",
                     *             "limit_price": "1.5",
                     *             "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "placed_by": "text",
                     *             "quantity": "1.5",
                     *             "reason": "text",
                     *             "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "settlements": [
                     *               {
                     *                 "fee_lamports": 1,
                     *                 "oracle_price": "1.5",
                     *                 "reason": "text",
                     *                 "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *                 "signature": "text",
                     *                 "slot": 1,
                     *                 "state": "text"
                     *               }
                     *             ],
                     *             "side": "buy",
                     *             "state": "accepted",
                     *             "time_in_force": "DAY",
                     *             "type": "limit",
                     *             "updated_at": "2026-11-24T08:00:00Z"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Orders"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_place_order: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "instrument": "SOL-USDC",
                 *       "order_id": "01912f4e-7a00-7000-8000-000000000001",
                 *       "quantity": "1.5",
                 *       "side": "buy",
                 *       "type": "limit"
                 *     }
                 */
                "application/json": components["schemas"]["PlaceOrder"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "arrival_price": "1.5",
                     *         "average_price": "1.5",
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "fees": "1.5",
                     *         "filled_quantity": "1.5",
                     *         "instrument": "text",
                     *         "limit_price": "1.5",
                     *         "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "placed_by": "text",
                     *         "quantity": "1.5",
                     *         "reason": "text",
                     *         "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "settlements": [
                     *           {
                     *             "fee_lamports": 1,
                     *             "oracle_price": "1.5",
                     *             "reason": "text",
                     *             "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "signature": "text",
                     *             "slot": 1,
                     *             "state": "text"
                     *           }
                     *         ],
                     *         "side": "buy",
                     *         "state": "accepted",
                     *         "time_in_force": "DAY",
                     *         "type": "limit",
                     *         "updated_at": "2026-11-24T08:00:00Z"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Order"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_cancel_orders: {
        parameters: {
            query?: {
                /** @example SOL-USDC */
                instrument?: string;
                /** @example buy */
                side?: "buy" | "sell";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "cancelled": [
                     *           "01912f4e-7a00-7000-8000-000000000001"
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CancelledOrders"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_get_order: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                order_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "arrival_price": "1.5",
                     *         "average_price": "1.5",
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "fees": "1.5",
                     *         "filled_quantity": "1.5",
                     *         "instrument": "text",
                     *         "limit_price": "1.5",
                     *         "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "placed_by": "text",
                     *         "quantity": "1.5",
                     *         "reason": "text",
                     *         "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "settlements": [
                     *           {
                     *             "fee_lamports": 1,
                     *             "oracle_price": "1.5",
                     *             "reason": "text",
                     *             "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "signature": "text",
                     *             "slot": 1,
                     *             "state": "text"
                     *           }
                     *         ],
                     *         "side": "buy",
                     *         "state": "accepted",
                     *         "time_in_force": "DAY",
                     *         "type": "limit",
                     *         "updated_at": "2026-11-24T08:00:00Z"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Order"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_cancel_order: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                order_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "arrival_price": "1.5",
                     *         "average_price": "1.5",
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "fees": "1.5",
                     *         "filled_quantity": "1.5",
                     *         "instrument": "text",
                     *         "limit_price": "1.5",
                     *         "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "placed_by": "text",
                     *         "quantity": "1.5",
                     *         "reason": "text",
                     *         "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "settlements": [
                     *           {
                     *             "fee_lamports": 1,
                     *             "oracle_price": "1.5",
                     *             "reason": "text",
                     *             "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "signature": "text",
                     *             "slot": 1,
                     *             "state": "text"
                     *           }
                     *         ],
                     *         "side": "buy",
                     *         "state": "accepted",
                     *         "time_in_force": "DAY",
                     *         "type": "limit",
                     *         "updated_at": "2026-11-24T08:00:00Z"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Order"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_amend_order: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                order_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": {
                    /** @default null */
                    limit_price?: string | null;
                    /** @default null */
                    quantity?: string | null;
                    /** @default null */
                    trigger_price?: string | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "arrival_price": "1.5",
                     *         "average_price": "1.5",
                     *         "created_at": "2026-11-24T08:00:00Z",
                     *         "fees": "1.5",
                     *         "filled_quantity": "1.5",
                     *         "instrument": "text",
                     *         "limit_price": "1.5",
                     *         "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "placed_by": "text",
                     *         "quantity": "1.5",
                     *         "reason": "text",
                     *         "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "settlements": [
                     *           {
                     *             "fee_lamports": 1,
                     *             "oracle_price": "1.5",
                     *             "reason": "text",
                     *             "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "signature": "text",
                     *             "slot": 1,
                     *             "state": "text"
                     *           }
                     *         ],
                     *         "side": "buy",
                     *         "state": "accepted",
                     *         "time_in_force": "DAY",
                     *         "type": "limit",
                     *         "updated_at": "2026-11-24T08:00:00Z"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Order"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_get_order_story: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path: {
                /** @example 01912f4e-7a00-7000-8000-000000000001 */
                order_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "checks": [
                     *           {
                     *             "check": "text",
                     *             "limit": "text",
                     *             "passed": true,
                     *             "value": "text"
                     *           }
                     *         ],
                     *         "fills": [
                     *           {
                     *             "account": "text",
                     *             "fee": "1.5",
                     *             "fee_asset": "text",
                     *             "fill_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "filled_at": "2026-11-24T08:00:00Z",
                     *             "instrument": "text",
                     *             "liquidity": "maker",
                     *             "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "price": "1.5",
                     *             "quantity": "1.5",
                     *             "side": "buy",
                     *             "venue": "text"
                     *           }
                     *         ],
                     *         "ledger": [
                     *           {
                     *             "account": "text",
                     *             "amount": "1.5",
                     *             "asset": "text",
                     *             "entry_id": 1,
                     *             "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "posted_at": "2026-11-24T08:00:00Z",
                     *             "posting_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "reason": "text"
                     *           }
                     *         ],
                     *         "order": {
                     *           "account": "text",
                     *           "arrival_price": "1.5",
                     *           "average_price": "1.5",
                     *           "created_at": "2026-11-24T08:00:00Z",
                     *           "fees": "1.5",
                     *           "filled_quantity": "1.5",
                     *           "instrument": "text",
                     *           "limit_price": "1.5",
                     *           "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *           "placed_by": "text",
                     *           "quantity": "1.5",
                     *           "reason": "text",
                     *           "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *           "settlements": [
                     *             {
                     *               "fee_lamports": 1,
                     *               "oracle_price": "1.5",
                     *               "reason": "text",
                     *               "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *               "signature": "text",
                     *               "slot": 1,
                     *               "state": "text"
                     *             }
                     *           ],
                     *           "side": "buy",
                     *           "state": "accepted",
                     *           "time_in_force": "DAY",
                     *           "type": "limit",
                     *           "updated_at": "2026-11-24T08:00:00Z"
                     *         },
                     *         "route": {
                     *           "name": "text"
                     *         }
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["OrderStory"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_place_order_batch: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         {
                 *           "instrument": "SOL-USDC",
                 *           "order_id": "01912f4e-7a00-7000-8000-000000000001",
                 *           "quantity": "1.5",
                 *           "side": "buy",
                 *           "type": "limit"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["PlaceOrderBatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "items": [
                     *           {
                     *             "data": {
                     *               "account": "text",
                     *               "arrival_price": "1.5",
                     *               "average_price": "1.5",
                     *               "created_at": "2026-11-24T08:00:00Z",
                     *               "fees": "1.5",
                     *               "filled_quantity": "1.5",
                     *               "instrument": "text",
                     *               "limit_price": "1.5",
                     *               "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *               "placed_by": "text",
                     *               "quantity": "1.5",
                     *               "reason": "text",
                     *               "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *               "settlements": [
                     *                 {
                     *                   "fee_lamports": 1,
                     *                   "oracle_price": "1.5",
                     *                   "reason": "text",
                     *                   "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *                   "signature": "text",
                     *                   "slot": 1,
                     *                   "state": "text"
                     *                 }
                     *               ],
                     *               "side": "buy",
                     *               "state": "accepted",
                     *               "time_in_force": "DAY",
                     *               "type": "limit",
                     *               "updated_at": "2026-11-24T08:00:00Z"
                     *             },
                     *             "problem": {
                     *               "advice": "text",
                     *               "code": "text",
                     *               "detail": "text",
                     *               "details": {
                     *                 "name": "text"
                     *               },
                     *               "status": 1,
                     *               "where": "text"
                     *             }
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PlaceOrderOutcomes"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_cancel_after: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seconds": 0
                 *     }
                 */
                "application/json": components["schemas"]["CancelAfter"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "cancels_at": "2026-11-24T08:00:00Z"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CancelAfterSet"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_cancel_order_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         {
                 *           "order_id": "01912f4e-7a00-7000-8000-000000000001"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["CancelOrderBatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "items": [
                     *           {
                     *             "data": {
                     *               "account": "text",
                     *               "arrival_price": "1.5",
                     *               "average_price": "1.5",
                     *               "created_at": "2026-11-24T08:00:00Z",
                     *               "fees": "1.5",
                     *               "filled_quantity": "1.5",
                     *               "instrument": "text",
                     *               "limit_price": "1.5",
                     *               "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *               "placed_by": "text",
                     *               "quantity": "1.5",
                     *               "reason": "text",
                     *               "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *               "settlements": [
                     *                 {
                     *                   "fee_lamports": 1,
                     *                   "oracle_price": "1.5",
                     *                   "reason": "text",
                     *                   "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *                   "signature": "text",
                     *                   "slot": 1,
                     *                   "state": "text"
                     *                 }
                     *               ],
                     *               "side": "buy",
                     *               "state": "accepted",
                     *               "time_in_force": "DAY",
                     *               "type": "limit",
                     *               "updated_at": "2026-11-24T08:00:00Z"
                     *             },
                     *             "problem": {
                     *               "advice": "text",
                     *               "code": "text",
                     *               "detail": "text",
                     *               "details": {
                     *                 "name": "text"
                     *               },
                     *               "status": 1,
                     *               "where": "text"
                     *             }
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CancelOrderOutcomes"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_place_orders: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The first answer under a key is given again: one effect.
                 * @example 01912f4e-7a00-7000-8000-000000000001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "orders": [
                 *         {
                 *           "instrument": "SOL-USDC",
                 *           "order_id": "01912f4e-7a00-7000-8000-000000000001",
                 *           "quantity": "1.5",
                 *           "side": "buy",
                 *           "type": "limit"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["PlaceOrders"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "orders": [
                     *           {
                     *             "account": "text",
                     *             "arrival_price": "1.5",
                     *             "average_price": "1.5",
                     *             "created_at": "2026-11-24T08:00:00Z",
                     *             "fees": "1.5",
                     *             "filled_quantity": "1.5",
                     *             "instrument": "text",
                     *             "limit_price": "1.5",
                     *             "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "placed_by": "text",
                     *             "quantity": "1.5",
                     *             "reason": "text",
                     *             "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *             "settlements": [
                     *               {
                     *                 "fee_lamports": 1,
                     *                 "oracle_price": "1.5",
                     *                 "reason": "text",
                     *                 "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *                 "signature": "text",
                     *                 "slot": 1,
                     *                 "state": "text"
                     *               }
                     *             ],
                     *             "side": "buy",
                     *             "state": "accepted",
                     *             "time_in_force": "DAY",
                     *             "type": "limit",
                     *             "updated_at": "2026-11-24T08:00:00Z"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PlacedOrders"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_get_order_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         {
                 *           "order_id": "01912f4e-7a00-7000-8000-000000000001"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["GetOrderBatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "items": [
                     *           {
                     *             "data": {
                     *               "account": "text",
                     *               "arrival_price": "1.5",
                     *               "average_price": "1.5",
                     *               "created_at": "2026-11-24T08:00:00Z",
                     *               "fees": "1.5",
                     *               "filled_quantity": "1.5",
                     *               "instrument": "text",
                     *               "limit_price": "1.5",
                     *               "order_id": "01912f4e-7a00-7000-8000-000000000001",
                     *               "placed_by": "text",
                     *               "quantity": "1.5",
                     *               "reason": "text",
                     *               "recommendation_id": "01912f4e-7a00-7000-8000-000000000001",
                     *               "settlements": [
                     *                 {
                     *                   "fee_lamports": 1,
                     *                   "oracle_price": "1.5",
                     *                   "reason": "text",
                     *                   "settlement_id": "01912f4e-7a00-7000-8000-000000000001",
                     *                   "signature": "text",
                     *                   "slot": 1,
                     *                   "state": "text"
                     *                 }
                     *               ],
                     *               "side": "buy",
                     *               "state": "accepted",
                     *               "time_in_force": "DAY",
                     *               "type": "limit",
                     *               "updated_at": "2026-11-24T08:00:00Z"
                     *             },
                     *             "problem": {
                     *               "advice": "text",
                     *               "code": "text",
                     *               "detail": "text",
                     *               "details": {
                     *                 "name": "text"
                     *               },
                     *               "status": 1,
                     *               "where": "text"
                     *             }
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["GetOrderOutcomes"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_watch_orders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `data` is one reply as JSON, `id` its sequence. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 1
                     *     data: {"account":"text","arrival_price":"1.5","average_price":"1.5","created_at":"2026-11-24T08:00:00Z","fees":"1.5","filled_quantity":"1.5","instrument":"text","limit_price":"1.5","order_id":"01912f4e-7a00-7000-8000-000000000001","placed_by":"text","quantity":"1.5","reason":"text","recommendation_id":"01912f4e-7a00-7000-8000-000000000001","settlements":[{"fee_lamports":1,"oracle_price":"1.5","reason":"text","settlement_id":"01912f4e-7a00-7000-8000-000000000001","signature":"text","slot":1,"state":"text"}],"side":"buy","state":"accepted","time_in_force":"DAY","type":"limit","updated_at":"2026-11-24T08:00:00Z"}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_get_positions: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "account": "text",
                     *         "balances": {
                     *           "name": "1.5"
                     *         },
                     *         "equity": "1.5",
                     *         "equity_asset": "text",
                     *         "held": {
                     *           "name": "1.5"
                     *         },
                     *         "positions": [
                     *           {
                     *             "average_price": "1.5",
                     *             "fees": "1.5",
                     *             "instrument": "text",
                     *             "mark_price": "1.5",
                     *             "quantity": "1.5",
                     *             "realized_pnl": "1.5",
                     *             "unrealized_pnl": "1.5"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Positions"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_get_risk: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "kill_switch": true,
                     *         "limits": {
                     *           "name": "text"
                     *         },
                     *         "reason": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["RiskState"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_set_kill_switch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "engaged": true,
                 *       "reason": "text"
                 *     }
                 */
                "application/json": components["schemas"]["SetKillSwitch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "kill_switch": true,
                     *         "limits": {
                     *           "name": "text"
                     *         },
                     *         "reason": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["RiskState"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_list_risk_limits: {
        parameters: {
            query?: {
                /** @example A */
                cursor?: string;
                /** @example 1 */
                limit?: number;
            };
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "configured": {
                     *           "name": "text"
                     *         },
                     *         "scopes": [
                     *           {
                     *             "limits": {},
                     *             "name": "text",
                     *             "reason": "text",
                     *             "reduce_only": true,
                     *             "scope": "account",
                     *             "set_at": "2026-11-24T08:00:00Z",
                     *             "set_by": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["RiskScopes"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_set_risk_limits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "limits": {},
                 *       "reason": "text",
                 *       "scope": "account"
                 *     }
                 */
                "application/json": components["schemas"]["SetRiskLimits"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "limits": {},
                     *         "name": "text",
                     *         "reason": "text",
                     *         "reduce_only": true,
                     *         "scope": "account",
                     *         "set_at": "2026-11-24T08:00:00Z",
                     *         "set_by": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["RiskScope"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_assess_portfolio: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["AssessPortfolio"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "confidence_bps": 1,
                     *         "greeks": [
                     *           {
                     *             "delta": 1,
                     *             "gamma": 1,
                     *             "implied_volatility": 1,
                     *             "rho": 1,
                     *             "theta": 1,
                     *             "value": 1,
                     *             "vega": 1
                     *           }
                     *         ],
                     *         "gross": "1.5",
                     *         "incremental": {
                     *           "expected_shortfall": 1,
                     *           "value_at_risk": 1
                     *         },
                     *         "margin": {
                     *           "equity": "1.5",
                     *           "free_collateral": "1.5",
                     *           "initial_collateral": "1.5",
                     *           "initial_requirement": "1.5",
                     *           "liquidatable": true,
                     *           "liquidation": [
                     *             {
                     *               "instrument": "text",
                     *               "price": "1.5"
                     *             }
                     *           ],
                     *           "maintenance_collateral": "1.5",
                     *           "maintenance_requirement": "1.5",
                     *           "model": "text",
                     *           "transfer_requirement": "1.5",
                     *           "worst_stress": {
                     *             "price": -1
                     *           }
                     *         },
                     *         "methods": {
                     *           "name": "text"
                     *         },
                     *         "net": "1.5",
                     *         "scenarios": 1,
                     *         "tails": [
                     *           {
                     *             "expected_shortfall": 1,
                     *             "method": "cornish_fisher",
                     *             "value_at_risk": 1
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PortfolioRisk"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_set_reduce_only: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "engaged": true,
                 *       "reason": "text",
                 *       "scope": "account"
                 *     }
                 */
                "application/json": components["schemas"]["SetReduceOnly"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "limits": {},
                     *         "name": "text",
                     *         "reason": "text",
                     *         "reduce_only": true,
                     *         "scope": "account",
                     *         "set_at": "2026-11-24T08:00:00Z",
                     *         "set_by": "text"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["RiskScope"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    trading_validate_var: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "losses": [
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000
                 *       ],
                 *       "values_at_risk": [
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000,
                 *         -1000000000000000
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["ValidateVar"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "christoffersen": {
                     *           "p_value": 1,
                     *           "statistic": 1
                     *         },
                     *         "exceedances": 1,
                     *         "expected": 1,
                     *         "kupiec": {
                     *           "p_value": 1,
                     *           "statistic": 1
                     *         },
                     *         "observations": 1
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["VarTests"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_plan_route: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "instrument": "SOL-USDC",
                 *       "quantity": "1.5",
                 *       "side": "buy"
                 *     }
                 */
                "application/json": components["schemas"]["PlanRoute"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "average_price": "1.5",
                     *         "best_single_total": "1.5",
                     *         "best_single_venue": "text",
                     *         "certificate": {
                     *           "bound": 1,
                     *           "gap_bps": 1,
                     *           "kkt_residual": 1,
                     *           "marginal_price": 1,
                     *           "optimal_subset": true,
                     *           "subsets_tried": 1
                     *         },
                     *         "fixed_costs": "1.5",
                     *         "instrument": "text",
                     *         "quantity": "1.5",
                     *         "saving_bps": 1,
                     *         "side": "buy",
                     *         "splits": [
                     *           {
                     *             "fee": "1.5",
                     *             "fee_asset": "text",
                     *             "fixed_cost": "1.5",
                     *             "instrument": "text",
                     *             "kind": "book",
                     *             "quantity": "1.5",
                     *             "quote": "1.5",
                     *             "venue": "text"
                     *           }
                     *         ],
                     *         "total": "1.5"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Route"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_plan_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "instrument": "SOL-USDC",
                 *       "quantity": "1.5",
                 *       "side": "buy",
                 *       "style": "almgren_chriss"
                 *     }
                 */
                "application/json": components["schemas"]["PlanSchedule"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "cost_deviation": 1,
                     *         "expected_cost": 1,
                     *         "instrument": "text",
                     *         "kappa": 1,
                     *         "scheduled": "1.5",
                     *         "side": "text",
                     *         "slices": [
                     *           {
                     *             "at": "2026-11-24T08:00:00Z",
                     *             "quantity": "1.5",
                     *             "remaining": "1.5"
                     *           }
                     *         ],
                     *         "style": "text",
                     *         "unscheduled": "1.5"
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ExecutionSchedule"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413"];
            414: components["responses"]["Problem414"];
            415: components["responses"]["Problem415"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trading_list_venues: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of a reply at hand: 304 if nothing has changed since.
                 * @example W/"0"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "venues": [
                     *           {
                     *             "amend": true,
                     *             "cancel_on_disconnect": true,
                     *             "differences": [
                     *               "text"
                     *             ],
                     *             "differences_total": 1,
                     *             "exchange": "text",
                     *             "instruments": [
                     *               "text"
                     *             ],
                     *             "live_orders": 1,
                     *             "order_types": [
                     *               "text"
                     *             ],
                     *             "reconciled_at": "2026-11-24T08:00:00Z",
                     *             "sandbox": true,
                     *             "state": "text",
                     *             "times_in_force": [
                     *               "text"
                     *             ],
                     *             "unknown_orders": 1,
                     *             "venue": "text"
                     *           }
                     *         ]
                     *       },
                     *       "meta": {
                     *         "request_id": "01912f4e-7a00-7000-8000-000000000001",
                     *         "timestamp": "2026-11-24T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Venues"];
                        meta: components["schemas"]["ReplyMeta"];
                    };
                };
            };
            304: components["responses"]["Unchanged"];
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            414: components["responses"]["Problem414"];
            421: components["responses"]["Problem421"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            431: components["responses"]["Problem431"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
}
