/**
 * What `redact` promises, once more, slowly and plainly: regular expressions over decoded strings. The
 * tests hold the guest against it.
 */

type Kind = 'email' | 'card-number' | 'bearer-token';

interface Hit {
  start: number;
  end: number;
  readonly kind: Kind;
}

const MASKS: Record<Kind, string> = {
  email: '[email]',
  'card-number': '[card-number]',
  'bearer-token': '[bearer-token]',
};

/** `text` with everything masked that the guest masks by default. */
export function maskedText(text: string): string {
  // At the same start a token goes before a card number, and that before an e-mail address.
  const hits = [...tokens(text), ...jsonWebTokens(text), ...cardNumbers(text), ...emails(text)].sort(
    (a, b) => a.start - b.start,
  );
  const merged: Hit[] = [];
  for (const hit of hits) {
    const last = merged.at(-1);
    if (last !== undefined && hit.start < last.end) last.end = Math.max(last.end, hit.end);
    else merged.push({ ...hit });
  }
  let out = '';
  let from = 0;
  for (const hit of merged) {
    out += text.slice(from, hit.start) + MASKS[hit.kind];
    from = hit.end;
  }
  return out + text.slice(from);
}

function emails(text: string): Hit[] {
  const hits: Hit[] = [];
  const pattern = /[A-Za-z0-9._%+\-\u0080-\uffff]+@([A-Za-z0-9\-.\u0080-\uffff]+)/g;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const domainStart = match.index + match[0].length - match[1]!.length;
    const labels = match[1]!.split('.');
    const empty = labels.indexOf('');
    for (let count = empty === -1 ? labels.length : empty; ; count--) {
      if (count < 2) {
        pattern.lastIndex = domainStart;
        break;
      }
      const last = labels[count - 1]!.replace(/-+$/, '');
      if (!/^[A-Za-z\u0080-\uffff]/.test(last) || new TextEncoder().encode(last).length < 2) continue;
      const end = domainStart + [...labels.slice(0, count - 1), last].join('.').length;
      hits.push({ start: match.index, end, kind: 'email' });
      pattern.lastIndex = end;
      break;
    }
  }
  return hits;
}

function cardNumbers(text: string): Hit[] {
  const hits: Hit[] = [];
  for (let start = 0; start < text.length; start++) {
    if (!/[0-9]/.test(text[start]!) || /[0-9]/.test(text[start - 1] ?? '')) continue;
    if (/[0-9]\.$/.test(text.slice(0, start))) continue;
    // 19 digits with a separator between any two.
    for (let end = Math.min(start + 19 + 18, text.length); end > start; end--) {
      if (/^[0-9]/.test(text.slice(end)) || /^\.[0-9]/.test(text.slice(end))) continue;
      const candidate = text.slice(start, end);
      if (!/^[0-9]+([ -][0-9]+)*$/.test(candidate) || !isCardNumber(candidate.replace(/[ -]/g, ''))) continue;
      hits.push({ start, end, kind: 'card-number' });
      start = end - 1;
      break;
    }
  }
  return hits;
}

function isCardNumber(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19 || /^0+$/.test(digits)) return false;
  let sum = 0;
  for (const [i, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

function tokens(text: string): Hit[] {
  const hits: Hit[] = [];
  const pattern = /bearer[ \t]+([A-Za-z0-9\-._~+/]+=*)/gi;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const end = match.index + match[0].length;
    const start = end - match[1]!.length;
    hits.push({ start, end, kind: 'bearer-token' });
    pattern.lastIndex = start;
  }
  return hits;
}

function jsonWebTokens(text: string): Hit[] {
  return [...text.matchAll(/eyJ[A-Za-z0-9\-_.]*/g)]
    .filter((match) => match[0].split('.').length > 2)
    .map((match) => ({ start: match.index, end: match.index + match[0].length, kind: 'bearer-token' }));
}

// biome-ignore lint/suspicious/noExplicitAny: decoded messages have the shape that their definitions give.
type Message = any;

/** A decoded `ExportLogsServiceRequest`, masked. */
export function maskedLogs(request: Message): Message {
  return {
    ...request,
    resourceLogs: request.resourceLogs?.map((resourceLogs: Message) => ({
      ...resourceLogs,
      resource: withAttributes(resourceLogs.resource),
      scopeLogs: resourceLogs.scopeLogs?.map((scopeLogs: Message) => ({
        ...scopeLogs,
        scope: withAttributes(scopeLogs.scope),
        logRecords: scopeLogs.logRecords?.map((record: Message) => ({
          ...withAttributes(record),
          body: maskedValue(record.body),
        })),
      })),
    })),
  };
}

/** A decoded `ExportTraceServiceRequest`, masked. */
export function maskedTraces(request: Message): Message {
  return {
    ...request,
    resourceSpans: request.resourceSpans?.map((resourceSpans: Message) => ({
      ...resourceSpans,
      resource: withAttributes(resourceSpans.resource),
      scopeSpans: resourceSpans.scopeSpans?.map((scopeSpans: Message) => ({
        ...scopeSpans,
        scope: withAttributes(scopeSpans.scope),
        spans: scopeSpans.spans?.map((span: Message) => ({
          ...withAttributes(span),
          name: maskedOptional(span.name),
          events: span.events?.map((event: Message) => ({
            ...withAttributes(event),
            name: maskedOptional(event.name),
          })),
          links: span.links?.map(withAttributes),
          status: span.status && { ...span.status, message: maskedOptional(span.status.message) },
        })),
      })),
    })),
  };
}

function withAttributes(message: Message): Message {
  return message && { ...message, attributes: message.attributes?.map(maskedAttribute) };
}

function maskedAttribute(attribute: Message): Message {
  return { ...attribute, value: maskedValue(attribute.value) };
}

function maskedValue(value: Message): Message {
  return (
    value && {
      ...value,
      stringValue: maskedOptional(value.stringValue),
      arrayValue: value.arrayValue && {
        ...value.arrayValue,
        values: value.arrayValue.values?.map(maskedValue),
      },
      kvlistValue: value.kvlistValue && {
        ...value.kvlistValue,
        values: value.kvlistValue.values?.map(maskedAttribute),
      },
    }
  );
}

function maskedOptional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : maskedText(text);
}
