/** One log record, sent as an OTLP client sends it. */

export interface Answer {
  readonly status: number;
  /** Of the status that comes with a refusal. */
  readonly message: string;
}

export async function sendLogs(address: string, body: string): Promise<Answer> {
  const answer = await fetch(`http://${address}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: body } }] }] }],
    }),
  });
  const text = await answer.text();
  return { status: answer.status, message: (JSON.parse(text) as { message?: string }).message ?? '' };
}
