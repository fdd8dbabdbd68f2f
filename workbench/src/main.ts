import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import App from "./frame/App.svelte";
import { connection } from "./state/backend.svelte.js";

void connection.start();
mount(App, { target: document.querySelector("#app")! });
