import { mount } from "svelte";
import "../../../workbench/src/styles/tokens.css";
import Gallery from "./Gallery.svelte";

mount(Gallery, { target: document.body });
