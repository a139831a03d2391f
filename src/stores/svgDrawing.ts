/** Lets the worker have SVG pictures drawn by this page; started once with the page's own drawing function. */
export { serveRasterizer } from '../dataset/svg-bridge/page';
