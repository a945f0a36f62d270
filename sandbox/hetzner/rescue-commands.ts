import { request } from "./image-factory";
import { type DiskImage, noText, type RescueMachine, type Stream, textOf } from "./rescue-stream";

export interface CommandResult {
  code: number;
  stdout: Stream;
  stderr: string;
}

/** What commands see of the shell that runs them. */
export interface Session {
  machine: RescueMachine;
  files: Map<string, string>;
  variables: Map<string, string>;
  setOptions(args: string[]): void;
  exit(code: number): never;
  child(): Session & { run(script: string, stdin: () => Promise<Stream>): Promise<Outcome> };
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

type Run = (args: string[], stdin: () => Promise<Stream>, shell: Session) => Promise<CommandResult> | CommandResult;

const ok = (stdout: Stream | string = ""): CommandResult => ({
  code: 0,
  stdout: typeof stdout === "string" ? { text: stdout } : stdout,
  stderr: "",
});
const fail = (code: number, message: string): CommandResult => ({ code, stdout: noText, stderr: `${message}\n` });

const systemDisk = "/dev/sda";

/** Options of curl and wget that take the next word. */
const curlValues =
  /^(-[a-zA-Z]*[XHdoAmw]|--(request|header|data|data-binary|output|retry|retry-delay|max-time|connect-timeout|write-out|user-agent|retry-max-time))$/;

const curl: Run = async (args, stdin, shell) => {
  let method: string | undefined;
  let body: string | undefined;
  let output: string | undefined;
  let url: string | undefined;
  let failsOnError = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (!arg.startsWith("-")) {
      url = arg;
      continue;
    }
    failsOnError ||= arg === "--fail" || arg === "--fail-with-body" || /^-[a-zA-Z]*f/.test(arg);
    if (!curlValues.test(arg)) {
      continue;
    }
    const value = args[++at] ?? "";
    if (/^(-[a-zA-Z]*X|--request)$/.test(arg)) {
      method = value;
    } else if (/^(-d|--data|--data-binary)$/.test(arg)) {
      const read = await dataOf(value, stdin, shell);
      body = arg === "--data-binary" ? read : read.replaceAll("\n", "");
    } else if (/^(-[a-zA-Z]*o|--output)$/.test(arg)) {
      output = value;
    }
  }
  const answer = request(method ?? (body === undefined ? "GET" : "POST"), url ?? "", body ?? "", shell.machine);
  if (answer === undefined) {
    return fail(6, `curl: (6) Could not resolve host: ${url ?? ""}`);
  }
  if (answer.status >= 400 && failsOnError) {
    return fail(22, `curl: (22) The requested URL returned error: ${answer.status}`);
  }
  return deliver(answer.body, output, shell);
};

async function dataOf(value: string, stdin: () => Promise<Stream>, shell: Session): Promise<string> {
  if (value === "@-") {
    return textOf(await stdin());
  }
  return value.startsWith("@") ? (shell.files.get(value.slice(1)) ?? "") : value;
}

const wget: Run = async (args, stdin, shell) => {
  let output: string | undefined;
  let url: string | undefined;
  let body: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const document = /^-[a-z]*O(.*)$/.exec(arg) ?? /^--output-document=(.*)$/.exec(arg);
    if (document) {
      output = document[1] || args[++at];
    } else if (arg.startsWith("--post-file=")) {
      body = await dataOf(`@${arg.slice("--post-file=".length)}`, stdin, shell);
    } else if (arg.startsWith("--post-data=")) {
      body = arg.slice("--post-data=".length);
    } else if (!arg.startsWith("-")) {
      url = arg;
    }
  }
  const answer = request(body === undefined ? "GET" : "POST", url ?? "", body ?? "", shell.machine);
  if (answer === undefined) {
    return fail(4, `wget: unable to resolve host address '${url ?? ""}'`);
  }
  if (answer.status >= 400) {
    return fail(8, `ERROR ${answer.status}: ${textOf(answer.body).trim()}`);
  }
  return deliver(answer.body, output === "-" ? undefined : (output ?? "index.html"), shell);
};

function deliver(body: Stream, file: string | undefined, shell: Session): CommandResult {
  if (file === undefined || file === "-") {
    return ok(body);
  }
  if ("image" in body && file !== "/dev/null") {
    return fail(23, "No space left on device: the rescue system lives in memory, pipe the image to the disk");
  }
  shell.files.set(file, textOf(body));
  return ok();
}

function decompress(name: string, compression: DiskImage["compression"]): Run {
  return async (_args, stdin) => {
    const input = await stdin();
    if (!("image" in input) || input.image.compression !== compression) {
      const empty = "text" in input && input.text === "";
      return fail(1, `${name}: (stdin): ${empty ? "Unexpected end of input" : "File format not recognized"}`);
    }
    return ok({ image: { ...input.image, compression: undefined } });
  };
}

const dd: Run = async (args, stdin, shell) => {
  const target = args.find((arg) => arg.startsWith("of="))?.slice(3);
  const source = args.find((arg) => arg.startsWith("if="))?.slice(3);
  const input = source === undefined ? await stdin() : noText;
  if (target !== systemDisk) {
    return fail(1, `dd: failed to open '${target ?? ""}': the server's disk is ${systemDisk}`);
  }
  const records = { code: 0, stdout: noText, stderr: "records in\nrecords out\n" };
  if ("image" in input) {
    const { image } = input;
    if (image.architecture !== shell.machine.architecture) {
      const [has, needs] = [image.architecture, shell.machine.architecture];
      return fail(1, `dd: the image is for ${has} and the server is ${needs}: it would never boot from it`);
    }
    // A compressed image on the disk boots as little as random bytes do.
    shell.machine.writeDisk(image.compression ? undefined : image);
  } else if (input.text !== "" || source !== undefined) {
    shell.machine.writeDisk(undefined);
  }
  return records;
};

const wipe: Run = (args, _stdin, shell) => {
  const target = args.findLast((arg) => !arg.startsWith("-"));
  if (target !== systemDisk) {
    return fail(1, `cannot open ${target ?? ""}: the server's disk is ${systemDisk}`);
  }
  shell.machine.writeDisk(undefined);
  return ok();
};

const halt =
  (how: "poweroff" | "reboot"): Run =>
  (_args, _stdin, shell) => {
    shell.machine.halt(how);
    return ok();
  };

/** `sh -c SCRIPT`, or the script on standard input. */
const nested: Run = async (args, stdin, shell) => {
  const inline = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
  const options = args.slice(0, inline === -1 ? args.length : inline + 1);
  const script = inline === -1 ? textOf(await stdin()) : (args[inline + 1] ?? "");
  const child = shell.child();
  child.setOptions(options);
  const { code, stdout, stderr } = await child.run(script, async () => noText);
  return { code, stdout: { text: stdout }, stderr };
};

const nothing: Run = () => ok();

export const commands: Record<string, Run | undefined> = {
  curl,
  wget,
  xz: decompress("xz", "xz"),
  xzcat: decompress("xzcat", "xz"),
  unxz: decompress("unxz", "xz"),
  zstd: decompress("zstd", "zst"),
  zstdcat: decompress("zstdcat", "zst"),
  unzstd: decompress("unzstd", "zst"),
  dd,
  blkdiscard: wipe,
  wipefs: wipe,
  poweroff: halt("poweroff"),
  halt: halt("poweroff"),
  shutdown: (args, stdin, shell) => halt(args.includes("-r") ? "reboot" : "poweroff")(args, stdin, shell),
  reboot: halt("reboot"),
  systemctl: (args, stdin, shell) =>
    args[0] === "poweroff" || args[0] === "reboot"
      ? halt(args[0])(args, stdin, shell)
      : fail(1, `systemctl: '${args.join(" ")}' is not supported by this rescue system`),
  bash: nested,
  sh: nested,
  echo: (args) => ok(args[0] === "-n" ? args.slice(1).join(" ") : `${args.join(" ")}\n`),
  printf: (args) => ok(printf(args)),
  cat: async (args, stdin, shell) => {
    const [file] = args;
    const text = file === undefined || file === "-" ? undefined : shell.files.get(file);
    if (file !== undefined && file !== "-" && text === undefined) {
      return fail(1, `cat: ${file}: No such file or directory`);
    }
    return ok(text === undefined ? await stdin() : { text });
  },
  uname: (args, _stdin, shell) => {
    const machine = shell.machine.architecture === "arm" ? "aarch64" : "x86_64";
    return ok(args.includes("-m") ? `${machine}\n` : "Linux\n");
  },
  hostname: () => ok("rescue\n"),
  lsblk: () => ok("sda\n"),
  set: (args, _stdin, shell) => {
    shell.setOptions(args);
    return ok();
  },
  export: (args, _stdin, shell) => {
    for (const arg of args.filter((each) => each.includes("="))) {
      const at = arg.indexOf("=");
      shell.variables.set(arg.slice(0, at), arg.slice(at + 1));
    }
    return ok();
  },
  exit: (args, _stdin, shell) => shell.exit(Number(args[0] ?? 0)),
  test: (args) => test(args),
  "[": (args) => test(args.slice(0, -1)),
  true: nothing,
  ":": nothing,
  false: () => ({ code: 1, stdout: noText, stderr: "" }),
  sync: nothing,
  sleep: nothing,
  partprobe: nothing,
  udevadm: nothing,
  rm: nothing,
};

function printf([format = "", ...values]: string[]): string {
  let next = 0;
  return format
    .replaceAll("\\n", "\n")
    .replaceAll("\\t", "\t")
    .replaceAll(/%[sdb%]/g, (match) => (match === "%%" ? "%" : (values[next++] ?? "")));
}

function test(args: string[]): CommandResult {
  const [first = "", second, third] = args;
  const holds =
    second === "=" || second === "=="
      ? first === third
      : second === "!="
        ? first !== third
        : first === "-b"
          ? second === systemDisk
          : first === "-n"
            ? second !== ""
            : first === "-z"
              ? second === "" || second === undefined
              : false;
  return { code: holds ? 0 : 1, stdout: noText, stderr: "" };
}
