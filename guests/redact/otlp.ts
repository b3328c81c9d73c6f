/**
 * The messages of OTLP (opentelemetry-proto 1.x) as far as they hold text to be masked, as data: for each
 * message a table of 128 actions, by the byte of a field's tag. Text in bodies, attribute values, names
 * of spans and of their events, and status messages is looked at; everything else is stepped over.
 */

/** What to do with a field. From BYTES on it has a length. */
export const MALFORMED: u32 = 0;
export const VARINT: u32 = 1;
export const FIXED64: u32 = 2;
export const FIXED32: u32 = 3;
export const GROUP: u32 = 4;
export const BYTES: u32 = 5;
export const TEXT: u32 = 6;
/** MESSAGE + n: a message of shape n. */
export const MESSAGE: u32 = 7;

export const LOGS_REQUEST: u32 = 0;
export const TRACE_REQUEST: u32 = 1;
const RESOURCE_LOGS: u32 = 2;
const RESOURCE_SPANS: u32 = 3;
const RESOURCE: u32 = 4;
const SCOPE_LOGS: u32 = 5;
const SCOPE_SPANS: u32 = 6;
const SCOPE: u32 = 7;
const LOG_RECORD: u32 = 8;
const SPAN: u32 = 9;
const EVENT: u32 = 10;
const LINK: u32 = 11;
const STATUS: u32 = 12;
const KEY_VALUE: u32 = 13;
const ANY_VALUE: u32 = 14;
const ARRAY_VALUE: u32 = 15;
const KEY_VALUE_LIST: u32 = 16;
const SHAPES: u32 = 17;

/** An attribute, or a pair in a map. */
export const ATTRIBUTE: u32 = MESSAGE + KEY_VALUE;

const tables = memory.data(17 * 128);

/** The table of actions of the message `shape`. */
export function actionsOf(shape: u32): usize {
  return tables + (shape << 7);
}

/** What to do with a field of an unknown number: its wire type says how to step over it. */
export function actionOfWireType(tag: u32): u32 {
  switch (tag & 7) {
    case 0:
      return VARINT;
    case 1:
      return FIXED64;
    case 2:
      return BYTES;
    case 3:
      return GROUP;
    case 5:
      return FIXED32;
    default:
      return MALFORMED;
  }
}

function field(shape: u32, number: u32, action: u32): void {
  store<u8>(actionsOf(shape) + ((number << 3) | 2), <u8>action);
}

for (let shape: u32 = 0; shape < SHAPES; shape++) {
  // Tags below 8 have the field number 0, which there is not.
  for (let tag: u32 = 8; tag < 128; tag++) store<u8>(actionsOf(shape) + tag, <u8>actionOfWireType(tag));
}

field(LOGS_REQUEST, 1, MESSAGE + RESOURCE_LOGS);
field(RESOURCE_LOGS, 1, MESSAGE + RESOURCE);
field(RESOURCE_LOGS, 2, MESSAGE + SCOPE_LOGS);
field(SCOPE_LOGS, 1, MESSAGE + SCOPE);
field(SCOPE_LOGS, 2, MESSAGE + LOG_RECORD);
field(LOG_RECORD, 5, MESSAGE + ANY_VALUE);
field(LOG_RECORD, 6, MESSAGE + KEY_VALUE);

field(TRACE_REQUEST, 1, MESSAGE + RESOURCE_SPANS);
field(RESOURCE_SPANS, 1, MESSAGE + RESOURCE);
field(RESOURCE_SPANS, 2, MESSAGE + SCOPE_SPANS);
field(SCOPE_SPANS, 1, MESSAGE + SCOPE);
field(SCOPE_SPANS, 2, MESSAGE + SPAN);
field(SPAN, 5, TEXT);
field(SPAN, 9, MESSAGE + KEY_VALUE);
field(SPAN, 11, MESSAGE + EVENT);
field(SPAN, 13, MESSAGE + LINK);
field(SPAN, 15, MESSAGE + STATUS);
field(EVENT, 2, TEXT);
field(EVENT, 3, MESSAGE + KEY_VALUE);
field(LINK, 4, MESSAGE + KEY_VALUE);
field(STATUS, 2, TEXT);

field(RESOURCE, 1, MESSAGE + KEY_VALUE);
field(SCOPE, 3, MESSAGE + KEY_VALUE);
field(KEY_VALUE, 2, MESSAGE + ANY_VALUE);
field(ANY_VALUE, 1, TEXT);
field(ANY_VALUE, 5, MESSAGE + ARRAY_VALUE);
field(ANY_VALUE, 6, MESSAGE + KEY_VALUE_LIST);
field(ARRAY_VALUE, 1, MESSAGE + ANY_VALUE);
field(KEY_VALUE_LIST, 1, MESSAGE + KEY_VALUE);
