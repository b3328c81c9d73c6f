import { existsSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileExporter } from '../../../host/nodes/exporters/file.ts';
import type { Pipeline } from '../../../host/pipeline/pipeline.ts';
import { chain, configured, Feed, node, settle } from '../../pipeline/parts.ts';
import { exampleBytes } from '../otlp-server.ts';
import { mountSmallDisk } from '../small-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
let names = 0;
const freshPath = () => join(folder, `${names++}.jsonl`);

const batch = (text = 'x', items = 1) => ({
  signal: 'logs' as const,
  bytes: exampleBytes('logs', items, text),
});

async function running(config: Record<string, unknown>, inFolder = folder) {
  const feed = new Feed();
  const lines: Record<string, unknown>[] = [];
  const pipeline = chain([node('in', 'receiver', feed), configured('out', fileExporter, config)], {
    folder: inFolder,
    onLog: (line) => lines.push(line),
  });
  await pipeline.start();
  return { feed, pipeline, lines };
}

const stop = (pipeline: Pipeline) => pipeline.drain(Date.now() + 5_000);

async function outcomes(feed: Feed, count: number): Promise<void> {
  while (feed.outcomes.length < count) await settle();
}

const bodiesIn = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue);

describe('the file', () => {
  it.each(['always', 'interval', 'never'])(
    'has a line of OTLP/JSON for each acknowledged batch, fsync %s',
    async (fsync) => {
      const { feed, pipeline } = await running({ path: `deep/${fsync}/out.jsonl`, fsync });
      for (let i = 0; i < 200; i++) await feed.send(batch(`b${i}`));
      await outcomes(feed, 200);
      const path = join(folder, `deep/${fsync}/out.jsonl`);
      expect(bodiesIn(path)).toEqual(Array.from({ length: 200 }, (_, i) => `b${i} 0`));
      expect(feed.outcomes.every(({ acked }) => acked)).toBe(true);
      await stop(pipeline);
      expect(pipeline.status()[1]!.facts.path).toBe(path);
    },
  );

  it('holds a line by the time its batch is acknowledged', async () => {
    const path = freshPath();
    const { feed, pipeline } = await running({ path });
    for (let i = 0; i < 5; i++) {
      await feed.send(batch(`b${i}`));
      await outcomes(feed, i + 1);
      expect(bodiesIn(path).length).toBe(i + 1);
    }
    await stop(pipeline);
  });

  it('is appended to when it exists', async () => {
    const path = freshPath();
    for (const text of ['first', 'second']) {
      const { feed, pipeline } = await running({ path });
      await feed.send(batch(text));
      await stop(pipeline);
    }
    expect(bodiesIn(path)).toEqual(['first 0', 'second 0']);
  });

  it('loses a half line that a crash left', async () => {
    const path = freshPath();
    const whole = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"whole"}}]}]}]}\n';
    writeFileSync(path, `${whole}{"resourceLogs":[{"sco${'p'.repeat(100_000)}`);
    const { feed, pipeline, lines } = await running({ path });
    await feed.send(batch('after'));
    await stop(pipeline);
    expect(bodiesIn(path)).toEqual(['whole', 'after 0']);
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'removed a half-written line at the end of the file' }),
    );
  });

  it('that is somebody else’s is left alone', async () => {
    const path = freshPath();
    writeFileSync(path, 'root:x:0:0');
    await expect(running({ path })).rejects.toMatchObject({ code: 'WEIR_NODE_FILE' });
    expect(readFileSync(path, 'utf8')).toBe('root:x:0:0');
  });

  it('that two exporters name is refused to the second', async () => {
    const path = freshPath();
    const { pipeline } = await running({ path });
    await expect(running({ path })).rejects.toMatchObject({
      code: 'WEIR_NODE_FILE',
      message: /another exporter/,
    });
    await stop(pipeline);
    await stop((await running({ path })).pipeline);
  });

  it('that is a folder is an error which names it', async () => {
    await expect(running({ path: folder })).rejects.toMatchObject({
      code: 'WEIR_NODE_FILE',
      message: expect.stringContaining(folder),
    });
  });

  it('is put aside when it is large, and the oldest is removed', async () => {
    const path = freshPath();
    const { feed, pipeline } = await running({
      path,
      fsync: 'never',
      rotation: { max_bytes: 300, max_files: 2 },
    });
    for (let i = 0; i < 12; i++) {
      await feed.send(batch(`b${i}`));
      await outcomes(feed, i + 1);
    }
    await stop(pipeline);
    expect([existsSync(`${path}.2`), existsSync(`${path}.3`)]).toEqual([true, false]);
    const kept = [`${path}.2`, `${path}.1`, path].flatMap(bodiesIn);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `b${12 - kept.length + i} 0`));
    for (const file of [`${path}.2`, `${path}.1`, path])
      expect(readFileSync(file).length).toBeLessThanOrEqual(300);
  });

  it('gets nothing of a batch that is not OTLP, and says so for good', async () => {
    const path = freshPath();
    const { feed, pipeline } = await running({ path });
    await feed.send({ signal: 'logs', bytes: Buffer.from('garbage') });
    await outcomes(feed, 1);
    expect(feed.outcomes[0]).toMatchObject({ acked: false, nack: { permanent: true } });
    await stop(pipeline);
    expect(readFileSync(path, 'utf8')).toBe('');
  });
});

describe('a full disk', () => {
  const disk = mountSmallDisk(64);
  afterAll(() => disk?.remove());

  if (disk === undefined)
    process.stderr.write('No right to mount: a full disk is shown with /dev/full only.\n');

  it('nacks for now, keeps the file valid, and takes the batch once there is room', async (context) => {
    if (disk === undefined) return context.skip('mounting a small disk needs a privilege');
    const ballast = join(disk.folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(20_000));
    const { feed, pipeline, lines } = await running({ path: 'out.jsonl', fsync: 'always' }, disk.folder);
    let sent = 0;
    do {
      await feed.send(batch(`b${sent} ${'z'.repeat(5_000)}`));
      await outcomes(feed, ++sent);
    } while (feed.outcomes.at(-1)!.acked);
    expect(feed.outcomes.at(-1)).toMatchObject({
      acked: false,
      nack: {
        permanent: false,
        reason: expect.stringContaining('the disk is full (ENOSPC)'),
        retryAfterMs: 1_000,
      },
    });
    const path = join(disk.folder, 'out.jsonl');
    expect(bodiesIn(path).length).toBe(sent - 1);
    unlinkSync(ballast);
    await feed.send(batch('again'));
    await outcomes(feed, sent + 1);
    expect(feed.outcomes.at(-1)!.acked).toBe(true);
    expect(bodiesIn(path).at(-1)).toBe('again 0');
    await stop(pipeline);
    expect(lines.filter(({ level }) => level === 50).length).toBe(1);
    expect(lines.map(({ msg }) => msg)).toContain('writing to the file works again');
  });

  it('on a device that is always full nacks every batch and stops in order', async () => {
    const { feed, pipeline } = await running({ path: '/dev/full' });
    for (let i = 0; i < 3; i++) await feed.send(batch());
    await outcomes(feed, 3);
    expect(feed.outcomes.every((outcome) => !outcome.acked && !outcome.nack.permanent)).toBe(true);
    await stop(pipeline);
  });
});
