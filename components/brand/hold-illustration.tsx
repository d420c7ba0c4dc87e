const LINES = [
  { label: "held", amount: "$0.012400000000", className: "text-ink-2" },
  { label: "settled", amount: "$0.004187250000", className: "text-accent" },
  { label: "returned", amount: "$0.008212750000", className: "text-ink-2" },
];

/**
 * What Tollgate does, as a picture: it holds money for a request, settles the cost and returns the rest.
 * It has the same bar and stripes as the page of a request.
 */
export function HoldIllustration() {
  return (
    <figure className="w-full max-w-md">
      <div className="rounded-xl bg-ink/6 p-6 ring-1 ring-ink/12">
        <div className="flex h-3 gap-0.5" aria-hidden="true">
          <div className="w-[33.8%] rounded-l-xs bg-accent" />
          <div className="hatch flex-1 rounded-r-xs text-ink/40 ring-1 ring-ink/25 ring-inset" />
        </div>
        <dl className="figures mt-5 flex flex-col gap-2 font-mono text-sm">
          {LINES.map((line) => (
            <div key={line.label} className={`flex items-baseline justify-between ${line.className}`}>
              <dt>{line.label}</dt>
              <dd>{line.amount}</dd>
            </div>
          ))}
        </dl>
      </div>
      <figcaption className="mt-8 text-balance font-medium text-ink text-xl">
        Every token is authorized, paid for and accounted for. To the last digit.
      </figcaption>
    </figure>
  );
}
