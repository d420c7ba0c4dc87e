import Link from "next/link";
import { cn } from "#components/ui/cn";

type Segment = { label: string; href: string; current: boolean; spoken?: string };

/** A choice of views as links, which work without JavaScript. */
export function SegmentedLinks({ label, segments }: { label: string; segments: readonly Segment[] }) {
  return (
    <nav aria-label={label} className="inline-flex rounded-md border bg-sunken p-0.5">
      {segments.map((segment) => (
        <Link
          key={segment.href}
          href={segment.href}
          scroll={false}
          aria-current={segment.current ? "true" : undefined}
          aria-label={segment.spoken}
          className={cn(
            "whitespace-nowrap rounded-sm px-2.5 py-1 font-medium text-ink-3 text-xs transition-colors hover:text-ink",
            segment.current && "bg-knob text-ink shadow-panel",
          )}
        >
          {segment.label}
        </Link>
      ))}
    </nav>
  );
}
