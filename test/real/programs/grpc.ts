import { connect } from "node:http2";

/** Calls a method of a gRPC server in plain text. Resolves with the messages of the answer, behind one another. */
export function callGrpc(address: string, method: string, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`);
    session.on("error", reject);
    const call = session.request({
      ":method": "POST",
      ":path": method,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const chunks: Buffer[] = [];
    let failure: string | undefined;
    const status = (headers: object) => {
      const { "grpc-status": code, "grpc-message": text } = headers as Record<string, string | undefined>;
      if (code !== undefined && code !== "0") failure = `${method}: ${code} ${text}`;
    };
    call.on("response", status);
    call.on("trailers", status);
    call.on("data", (chunk: Buffer) => chunks.push(chunk));
    call.once("error", reject);
    call.once("end", () => {
      session.destroy();
      if (failure === undefined) resolve(unframed(Buffer.concat(chunks)));
      else reject(new Error(failure));
    });
    const length = Buffer.alloc(5);
    length.writeUInt32BE(message.length, 1);
    call.end(Buffer.concat([length, message]));
  });
}

/** Without the five bytes before each message. */
function unframed(frames: Buffer): Buffer {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= frames.length; ) {
    const end = at + 5 + frames.readUInt32BE(at + 1);
    messages.push(frames.subarray(at + 5, end));
    at = end;
  }
  return Buffer.concat(messages);
}
