import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Engine, InvalidConfigError } from '../../host/index.ts';
import { inARow } from '../e2e/configuration.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop();
});

function config(pipelines: Record<string, unknown>): Record<string, unknown> {
  return { version: 'weir/v1', groups: { default: { pipelines } } };
}

function pipeline(listen: string, path: string): unknown {
  return {
    nodes: {
      in: { type: 'receiver:otlp', config: { listen } },
      out: { type: 'exporter:file', config: { path } },
    },
    connections: inARow('in', 'out'),
  };
}

async function start(pipelines: Record<string, unknown>): Promise<Engine> {
  const engine = await Engine.start(config(pipelines));
  engines.push(engine);
  return engine;
}

function address(engine: Engine, name: string): string {
  const found = engine.status().pipelines.find((one) => one.name === name);
  return String(found!.nodes.find(({ id }) => id === 'in')!.facts.address);
}

const request = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello"}}]}]}]}',
};

describe('an engine', () => {
  it('runs the pipelines of a config object until it is stopped', async () => {
    const folder = await temporaryFolder();
    const engine = await start({
      one: pipeline('127.0.0.1:0', join(folder, 'one.jsonl')),
      two: pipeline('127.0.0.1:0', join(folder, 'two.jsonl')),
    });
    expect(engine.status().state).toBe('running');
    const answer = await fetch(`http://${address(engine, 'two')}/v1/logs`, request);
    expect(answer.status).toBe(200);
    expect(readFileSync(join(folder, 'two.jsonl'), 'utf8')).toContain('"hello"');
    const [result, again] = await Promise.all([engine.stop(), engine.stop()]);
    expect([result, again]).toEqual([{ givenUp: 0 }, { givenUp: 0 }]);
    expect(engine.status().state).toBe('stopped');
    expect(engine.status().pipelines.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  });

  it('rejects with every error of the configuration at once', async () => {
    const broken = config({
      main: {
        nodes: { in: { type: 'receiver:otpl' }, out: { type: 'exporter:noop', guest: 'x' } },
        connections: [],
      },
    });
    const error = await Engine.start(broken).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidConfigError);
    const codes = (error as InvalidConfigError).errors.map(({ code }) => code);
    expect(codes).toContain('WEIR_CONFIG_UNKNOWN_NODE_TYPE');
    expect(codes).toContain('WEIR_CONFIG_GUEST');
  });

  it('leaves no pipeline running when one cannot start', async () => {
    const folder = await temporaryFolder();
    const first = await start({ main: pipeline('127.0.0.1:0', join(folder, 'a.jsonl')) });
    const taken = address(first, 'main');
    const free = await start({ main: pipeline('127.0.0.1:0', join(folder, 'b.jsonl')) });
    const freed = address(free, 'main');
    await free.stop();
    const both = config({
      good: pipeline(freed, join(folder, 'c.jsonl')),
      bad: pipeline(taken, join(folder, 'd.jsonl')),
    });
    await expect(Engine.start(both)).rejects.toMatchObject({ code: 'WEIR_NODE_PORT_IN_USE' });
    await expect(fetch(`http://${freed}/v1/logs`, request)).rejects.toThrow();
  });
});
