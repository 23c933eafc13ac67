/** What an operation takes and gives, by its id, such as "trading.place_order". */
import type { StreamEvents } from "./operations.js";
import type { operations } from "./schema.js";

type Dotted<K> = K extends `${infer G}_${infer N}` ? `${G}.${N}` : never;
type Scored<Id> = Id extends `${infer G}.${infer N}` ? `${G}_${N}` : never;
type Operation<Id extends string> = operations[Scored<Id> & keyof operations];
type Path<O> = O extends { parameters: { path: infer P extends object } } ? P : unknown;
type Query<O> = O extends { parameters: { query: infer Q extends object } }
  ? Q
  : O extends { parameters: { query?: infer Q } }
    ? Exclude<Q, undefined> extends object ? Partial<Exclude<Q, undefined>> : unknown
    : unknown;
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? B : unknown;
type Never<T> = [T] extends [never] ? unknown : T;
type Flat<T> = { [K in keyof T]: T[K] };

export type StreamId = keyof StreamEvents;
export type CallId = Exclude<Dotted<keyof operations>, StreamId>;
export type RequestOf<Id extends string> = Flat<
  Never<Path<Operation<Id>>> & Never<Query<Operation<Id>>> & Never<Body<Operation<Id>>>
>;
export type ReplyOf<Id extends CallId> = Operation<Id> extends {
  responses: { 200: { content: { "application/json": { data: infer D } } } };
}
  ? D
  : never;
export type EventOf<Id extends StreamId> = StreamEvents[Id];
