/** Where a receiver listens: how configurations write it, and what goes wrong on the way. */

import type { AddressInfo } from 'node:net';
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { WeirError } from '../errors.ts';
import type { NodeContext } from '../pipeline/node.ts';
import { nodeErrors } from './errors.ts';

export interface ListenAddress {
  /** A host name or IP address, without brackets. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

const FORM = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<host>[A-Za-z0-9.-]+)):(?<port>\d{1,5})$/;

/** `host:port`, with an IPv6 address in brackets. */
export function listenAddress(): z.ZodType<ListenAddress, string> {
  return z
    .string()
    .transform((text, context) => {
      const { six, host, port } = FORM.exec(text)?.groups ?? {};
      if (port !== undefined && Number(port) <= 65_535 && (six === undefined || isIP(six) === 6)) {
        return { host: (six ?? host)!, port: Number(port) };
      }
      context.addIssue({
        code: 'custom',
        message: 'expected an address and a port such as 127.0.0.1:4318, 0.0.0.0:4318 or [::1]:4318',
      });
      return z.NEVER;
    })
    .meta({ title: 'address and port' });
}

/**
 * Listen; returns the actual port.
 * @throws WeirError `WEIR_NODE_PORT_IN_USE`, `WEIR_NODE_LISTEN`
 */
export async function listening(
  server: FastifyInstance,
  address: ListenAddress,
  { id }: NodeContext,
): Promise<number> {
  try {
    await server.listen(address);
  } catch (error) {
    throw listenError(id, address, error as NodeJS.ErrnoException);
  }
  return (server.server.address() as AddressInfo).port;
}

function listenError(id: string, { host, port }: ListenAddress, cause: NodeJS.ErrnoException): WeirError {
  const where = `node ${id} cannot listen on ${host}:${port}`;
  switch (cause.code) {
    case 'EADDRINUSE': {
      const hint = 'Stop the program that uses the port, or give this receiver another `listen` port.';
      const { WEIR_NODE_PORT_IN_USE } = nodeErrors;
      return new WeirError(WEIR_NODE_PORT_IN_USE, `${where}: the port is in use`, { cause, hint });
    }
    case 'EACCES':
      return new WeirError(nodeErrors.WEIR_NODE_LISTEN, `${where}: not permitted`, {
        cause,
        hint: 'Ports below 1024 usually need a privilege; take a higher one.',
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new WeirError(nodeErrors.WEIR_NODE_LISTEN, `${where}: this machine has no such address`, {
        cause,
        hint: 'Use 127.0.0.1 for this machine only, or 0.0.0.0 for every address that it has.',
      });
    default:
      return new WeirError(nodeErrors.WEIR_NODE_LISTEN, `${where}: ${cause.message}`, { cause });
  }
}
