/** The Crossdock mark: two lanes that cross, one passing over the other. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" className="shrink-0">
      <rect width="24" height="24" rx="6" className="fill-accent" />
      <g className="stroke-on-accent" strokeWidth="2.25" strokeLinecap="round" strokeLinejoin="round">
        <path d="M5 16.5h3.2l7.6-9H19" />
        <path d="M5 7.5h3.2l2 2.4M13.8 14.1l2 2.4H19" />
      </g>
    </svg>
  );
}
