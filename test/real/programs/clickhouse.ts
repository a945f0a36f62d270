import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { wheel } from "./packages";

/**
 * ClickHouse's engine as a library for Python: its configuration, its SQL, its rights, its TLS and its backups are the
 * server's own. It has no listeners, no Keeper, and no storage of users that statements could write.
 */
const VERSION = "26.9.0";

/** Says each statement of standard input, and what came of it. */
const CLIENT = `
import json, sys, chdb
connection = chdb.connect(sys.argv[1])
def answer(statement):
    try:
        return {"text": str(connection.query(statement, "TSV"))}
    except Exception as error:
        return {"error": str(error)}
print(json.dumps([answer(each) for each in json.load(sys.stdin)]))
`;

export interface Answer {
  readonly text?: string;
  readonly error?: string;
}

/** Files of the image, as far as the program's own change them. */
const imageConfig = (users: string) => `<clickhouse>
  <logger><level>trace</level><log>/var/log/clickhouse-server/server.log</log></logger>
  <users_config>${users}</users_config>
  <http_port>8123</http_port><tcp_port>9000</tcp_port><interserver_http_port>9009</interserver_http_port>
  <mysql_port>9004</mysql_port><postgresql_port>9005</postgresql_port>
</clickhouse>`;

const imageUsers = "<clickhouse><profiles><default/></profiles><quotas><default/></quotas></clickhouse>";

/** What the operator makes for a host without plain ports. */
const operatorFiles = {
  "conf.d/chop-generated-hostname-ports.xml":
    "<yandex><tcp_port>0</tcp_port><http_port>0</http_port><interserver_http_host>localhost</interserver_http_host></yandex>",
  "conf.d/chop-generated-macros.xml":
    "<yandex><macros><cluster>main</cluster><shard>0</shard><replica>chi-clickhouse-main-0-0</replica></macros></yandex>",
  "users.d/chop-generated-users.xml":
    "<yandex><users><default><networks><ip>127.0.0.1</ip></networks><profile>default</profile></default></users></yandex>",
};

/** One server's folders, and who says statements to it. */
export class Engine {
  constructor(
    private readonly folder: string,
    /** Variables of the server's container. */
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** Writes the files of the configuration; `files` are the program's, by their path in the configuration's folder. */
  async configure(files: Readonly<Record<string, string>>): Promise<void> {
    const etc = path.join(this.folder, "etc");
    await rm(etc, { recursive: true, force: true });
    const all = {
      "config.xml": imageConfig(path.join(etc, "users.xml")),
      "users.xml": imageUsers,
      ...operatorFiles,
      ...files,
    };
    for (const [name, text] of Object.entries(all)) {
      await mkdir(path.dirname(path.join(etc, name)), { recursive: true });
      await writeFile(path.join(etc, name), text);
    }
  }

  /** `rights` is what is in the user's element of the configuration: `<grants>`, or what an administrator has. */
  async say(rights: string, statements: readonly string[], profile = "default"): Promise<Answer[]> {
    const user = `<default><password></password><networks replace="1"><ip>::/0</ip></networks><profile>${profile}</profile><quota>default</quota>${rights}</default>`;
    const etc = path.join(this.folder, "etc");
    await writeFile(path.join(etc, "users.d/zz-test.xml"), `<clickhouse><users>${user}</users></clickhouse>`);
    const library = await wheel("chdb-core", VERSION);
    const connection = `${this.folder}/data?config-file=${etc}/config.xml`;
    const child = spawn("python3", ["-c", CLIENT, connection], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: this.folder, TZ: "UTC", PYTHONPATH: library, ...this.environment },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: 120_000,
      killSignal: "SIGKILL",
    });
    let [out, log] = ["", ""];
    child.stdout.on("data", (data) => (out += String(data)));
    child.stderr.on("data", (data) => (log = (log + String(data)).slice(-4000)));
    child.stdin.end(JSON.stringify(statements));
    const code = await new Promise((resolve) => child.once("close", resolve));
    const line = out.split("\n").find((each) => each.startsWith("["));
    if (code !== 0 || line === undefined) throw new Error(`the engine ended with ${String(code)}\n${log}`);
    return JSON.parse(line) as Answer[];
  }
}

/** Everything that a server's administrator may do. */
export const ADMINISTRATOR =
  "<access_management>1</access_management><named_collection_control>1</named_collection_control>";
