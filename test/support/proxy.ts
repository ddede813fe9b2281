import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

export interface Proxy {
  /** host:port, readable from the first test on. */
  readonly address: string;
  /** `hang`: connections stay, and nothing goes through them any more; `refuse`: they are cut, new ones too. */
  mode: 'pass' | 'hang' | 'refuse';
}

/** Stands between a client and a server, and fails on demand. Call it at the top of a test file. */
export function useProxy(target: () => string): Proxy {
  const sockets = new Set<Socket>();
  let mode: Proxy['mode'] = 'pass';
  let address = '';
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => sockets.delete(from) && to.destroy());
    from.on('data', (data) => mode === 'pass' && to.write(data));
  };
  const server = createServer((client) => {
    if (mode === 'refuse') return void client.destroy();
    const [host, port] = target().split(':');
    const upstream = connect(Number(port), host ?? '');
    pass(client, upstream);
    pass(upstream, client);
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const listening = server.address();
    address = `127.0.0.1:${typeof listening === 'object' ? listening?.port : ''}`;
  });
  afterAll(() => {
    cut();
    server.close();
  });
  return {
    get address() {
      return address;
    },
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
      if (mode === 'refuse') cut();
    },
  };
}
