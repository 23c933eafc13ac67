// A TCP proxy that cuts connections in the middle of whatever they carry.
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface CuttingProxy {
  port: number;
  cuts(): number;
  close(): void;
}

/** Connections end, both ways at once, mostly within `bytesMax` bytes that the desk sent. */
export async function cuttingProxy(target: URL, bytesMax: number): Promise<CuttingProxy> {
  let cuts = 0;
  let seed = 12_345;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    // One in eight lives longer: a line that never carries one whole frame carries nothing.
    const most = random() < 0.125 ? 20 * bytesMax : bytesMax;
    let left = 1 + Math.floor(random() * most);
    for (const one of [near, far]) {
      open.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        open.delete(one);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on("data", (data) => {
      near.write(data.subarray(0, left));
      left -= data.length;
      if (left > 0) return;
      cuts += 1;
      setImmediate(() => near.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cuts: () => cuts,
    close: () => {
      for (const one of open) one.destroy();
      server.close();
    },
  };
}
