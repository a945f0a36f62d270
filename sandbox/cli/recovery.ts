import type { Progress } from "../progress";
import type { Session } from "./session";

/** What an earlier run that died left open. */
export async function recover(_session: Session, _progress: Progress): Promise<void> {}
