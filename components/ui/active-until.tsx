import { Moment } from "./moment";
import { StatusDot } from "./status-dot";

type Props = {
  /** Null for no expiry, or where there is no space for it. */
  expiresAt: string | null;
  nowMs: number;
};

/** The status of something that is active, with its expiry. */
export const ActiveUntil = ({ expiresAt, nowMs }: Props) => (
  <StatusDot>
    Active
    {expiresAt ? (
      <span className="text-ink-3">
        until <Moment iso={expiresAt} nowMs={nowMs} />
      </span>
    ) : null}
  </StatusDot>
);
