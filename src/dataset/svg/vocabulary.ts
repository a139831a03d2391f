/** Elements that take part in a still drawing. Scripts, foreign content, animation, sound, video, SVG fonts, metadata and titles do not. */
const drawn = new Set(
  `svg g defs symbol use switch a view style path rect circle ellipse line polyline polygon text tspan textPath image linearGradient
  radialGradient stop pattern clipPath mask marker filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix
  feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge
  feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence`.split(/\s+/),
);

/** True for elements that are drawn or say how. */
export function isDrawn(name: string): boolean {
  return drawn.has(name);
}
